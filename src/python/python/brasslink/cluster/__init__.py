"""Imports and searches on several processes or machines, by Ray.

Workers prepare scans and compare pairs; what they make are sealed files, whose digests travel
to the one writer, in the process that calls. The writer compares each file with its digest
before it commits anything of it. So a store holds the same whoever did the work, and however
many there were; a worker that is lost costs its last part, and a driver that is lost nothing
that was committed: the same call goes on from there.

Needs the extra ``ray``. Nothing here works without a store that all machines see under one
path.
"""

from ._cluster import Cluster, Lost, connect
from ._ingest import ingest
from ._search import search

__all__ = ["Cluster", "Lost", "connect", "ingest", "search"]
