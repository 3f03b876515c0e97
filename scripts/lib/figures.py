"""Runs `brasslink evaluate` on the reference sets and prints docs/NUMBERS.md.

Usage: figures.py BRASSLINK DATA
"""

import csv
import datetime
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import labelled
from growth import growth

BRASSLINK, DATA = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
TURNED = ["--turn-seed", "1"]


def sets():
    """Title, truth and options of each run."""
    yield "Fadul 3D, as published", labelled.truth(DATA, "fadul"), []
    yield "Fadul 3D, turned", labelled.truth(DATA, "fadul"), TURNED
    yield "Weller 3D, turned", labelled.truth(DATA, "weller"), TURNED
    yield "Fadul and Weller pooled, turned", labelled.truth(DATA, "fadul", "weller"), TURNED
    for keep in ("0.3", "0.15"):
        for cut in ("sector", "half-plane", "disc"):
            damage = ["--keep", keep, "--cut", cut, "--noise", "1"]
            title = f"Fadul 3D, {float(keep):.0%} of each probe, {cut}, noise"
            yield title, labelled.truth(DATA, "fadul"), TURNED + damage
    for damage in (["--tilt", "3"], ["--misscale", "0.01"], ["--spikes", "0.03"], ["--coarsen", "2"]):
        title = f"Fadul 3D, {damage[0].strip('-')} {damage[1]}"
        yield title, labelled.truth(DATA, "fadul"), TURNED + damage
    yield "Raw scans among Fadul's", labelled.truth(DATA, "fadul", "raw3d"), []
    yield "Fadul 2D, ring light", labelled.rendered(DATA, "ring"), []
    yield "Fadul 2D, side light", labelled.rendered(DATA, "side"), []


def row(title, result):
    f = result["figures"]
    score, cells, share = f["score"], f["congruent_cells"], f["congruent_fraction"]
    pose = f["distinctness"]
    columns = [
        title,
        f"{f['same_source']} / {f['different_source']}",
        f"{score['auc']:.5f}",
        f"{score['lowest_same_source']:.1f} / {score['highest_different_source']:.1f}",
        f"{f['rank'][0]} of {f['probes']}",
        f"{share['lowest_same_source']:.2f} / {share['highest_different_source']:.2f}",
        f"{pose['lowest_same_source']:.2f} / {pose['highest_different_source']:.2f}",
        f"{cells['variance_ratio']:.1f}",
        f"{result['cpu_ms_per_pair']:.1f}",
        f"{result['cpu_ms_per_scan']:.0f}",
        f"{result['wall_seconds']:.0f}",
    ]
    print("| " + " | ".join(columns) + " |", flush=True)


def machine():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{os.cpu_count()} cores, {name}"


def labelled_sets():
    """`brasslink evaluate` on every set."""
    print(f"""
## Labelled sets, all pairs

`brasslink evaluate --truth TRUTH --root DATA`, all pairs of different casings. "Turned": with `--turn-seed 1`, which turns every scan by its own random angle first. "15 % of each probe, sector, noise": with `--keep 0.15 --cut sector --noise 1` besides; a sector of the turned probe with noise of one standard deviation of the surface, against the intact scans. Tilt (degrees), misscale (share by which the pitch is wrong), spikes (share of points thrown off by 5–50 µm) and coarsen (points averaged along each axis): done to the scan before it is prepared. Score and congruent (share of cells): the lowest same-source and the highest different-source value. Rank-1: probes whose best mate is the first candidate. Pose: score over that of the runner-up, the least of a same-source and the greatest of a different-source pair, of those that have one. VR: variance ratio of the count of congruent cells, squared distances of the class means from their mean over the sum of the class variances. CPU time is that of all threads: comparing, over the pairs; reading, preparing and extracting, over the scans.

| set | same / different | AUC | score | rank-1 | congruent | pose | VR | CPU ms a pair | CPU ms a scan | wall s |
|---|---|---|---|---|---|---|---|---|---|---|""")
    for title, rows, options in sets():
        if rows:
            print(title, file=sys.stderr)
            row(title, labelled.evaluate(BRASSLINK, rows, DATA, options))


def hard():
    """A seeded set of weak, partial and worn marks, ours beside the published rules."""
    print("hard", file=sys.stderr)
    print("""
## A hard set

`brasslink synth DIR --hard --seed SEED`, then `brasslink evaluate --truth DIR/truth.csv --root DIR --rules` ([decision 103](decisions/0103-a-hard-set.md)): 12 firearms with 12 casings each, weak and partial contact, three finishes of primers, wear. AUC of the score, and of the congruent cells by each rule on the same pairs; rank-1: casings whose best mate is the first candidate.

| seed | scans / pairs | score | own congruent cells | High-CMC (Tong 2015) | original rule (Song 2013) | rank-1 | failed |
|---|---|---|---|---|---|---|---|""")
    for seed in ("1", "2", "3"):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([BRASSLINK, "-q", "synth", folder, "--hard", "--seed", seed], check=True)
            out = Path(folder) / "out.json"
            command = [BRASSLINK, "-q", "evaluate", "--truth", Path(folder) / "truth.csv", "--root", folder, "--rules", f"--json={out}"]
            code = subprocess.run(command).returncode
            if code not in (0, 3):
                sys.exit(f"evaluate failed on the hard set of seed {seed}")
            result = json.loads(out.read_text())
        f = result["figures"]
        rules = f["published"]
        aucs = [f["score"], f["congruent_cells"], rules["high_cmc"], rules["median_rule"]]
        columns = [
            seed,
            f"{result['scans']} / {f['same_source'] + f['different_source']}",
            *(f"{x['auc']:.4f}" for x in aucs),
            f"{f['rank'][0]} of {f['probes']}",
            f"{len(result['failures'])}",
        ]
        print("| " + " | ".join(columns) + " |", flush=True)


def gallery():
    """Screening among growing numbers of synthetic casings."""
    print("gallery", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "gallery.json"
        command = ["cargo", "bench", "--locked", "-p", "brasslink-benches", "--bench", "gallery", "--", "--json", out]
        subprocess.run(command, check=True, stdout=sys.stderr)
        found = json.loads(out.read_text())
    print(f"""
## Screening

`cargo bench -p brasslink-benches --bench gallery`: the Fadul and Weller scans, each turned at random, among synthetic casings; sketches of {found['bytes_per_casing']} bytes. CPU time of one thread over 20 searches. The place of a mate is counted among the whole gallery.

| gallery | casings a second and core | worst place of a mate | mates among the first 50 |
|---|---|---|---|""")
    for size in found["sizes"]:
        print(
            f"| {size['gallery']:,} | {size['casings_per_second']:,.0f} "
            f"| {size['worst_place_of_a_mate']} "
            f"| {size['mates_in_first_50']} of {size['mates']} |",
            flush=True,
        )


def pairwise(scores, column):
    """F1, precision and recall of `brasslink link` on labelled pair scores."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "groups.json"
        command = [BRASSLINK, "link", "--scores", scores, "--score-column", column, "--json", out]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        groups = json.loads(out.read_text())["groups"]
    group = {member: g["id"] for g in groups for member in g["members"]}
    with open(scores) as file:
        pairs = [(group[r["a"]] == group[r["b"]], r["same_source"] == "1") for r in csv.DictReader(file)]
    right = sum(linked and same for linked, same in pairs)
    linked, same = (sum(p[k] for p in pairs) for k in (0, 1))
    precision, recall = right / max(linked, 1), right / max(same, 1)
    return 2 * right / (linked + same), precision, recall


def linking():
    """Groups from scores: real, drawn, and a million."""
    print("linking", file=sys.stderr)
    tables = [("fbi_sw_ccfmax", "ccf_max")]
    tables += [("aces_f01_f05", f"{c}_pairwiseCompCorAve{end}") for c, end in (("fullScan", ""), ("cellBased", "_4x4"))]
    rows = [(name, column, *pairwise(DATA / "scores" / f"{name}.csv", column)) for name, column in tables]
    rows = "\n".join(f"| {n} | {c} | {f1:.3f} | {p:.3f} | {r:.3f} |" for n, c, f1, p, r in rows)
    print(f"""
## Linking

`brasslink link --scores TABLE --score-column COLUMN`, default setting, no truth used, pairwise (138 casings of 69 pistols; 113 casings of five):

| table | column | F1 | precision | recall |
|---|---|---|---|---|
{rows}

`cargo bench -p brasslink-benches --bench linking`: 100 populations of each size drawn from seeds (`synthetic::scores`: group sizes, separation, quality, types, tails, scales, lists). Separation is that of well-marked same-source pairs, in standard deviations of noise. Average, complete and minimax: the best F1 that any threshold gives that linkage, chosen with the truth in hand. Precision: ours; below 0.97: populations.
""", flush=True)
    bench = ["cargo", "bench", "--locked", "-p", "brasslink-benches", "--bench", "linking", "--"]
    subprocess.run(bench, check=True)
    print("\n`cargo bench -p brasslink-benches --bench linking -- million`: 20 candidates for each casing, groups of one to five.\n", flush=True)
    subprocess.run([*bench, "million"], check=True)


def striae():
    """Striated marks, all pairs."""
    print("striae", file=sys.stderr)
    print("""
## Striated marks

`cargo bench -p brasslink-benches --bench striae`: aperture shears as they are prepared and compared. No shear with known truth was at hand: 418 profiles of screwdriver marks of 36 edges and twelve bullet lands stand in, and shears are made (`synthetic::aperture_shear`: 1.2 mm long, noise, three gouges, turned at random, 30 % of the length missing at either end; 1.8 mm and whole, to be held against the lands). Score in standard deviations of chance. "Mate first": marks whose best candidate is of their own edge. CPU time of a pair.
""", flush=True)
    bench = ["cargo", "bench", "--locked", "-p", "brasslink-benches", "--bench", "striae"]
    subprocess.run(bench, check=True)
    lands = DATA / "striated" / "lands"
    print("\n`brasslink evaluate --truth LANDS/truth.csv --root LANDS`, as they lie and turned (`--turn-seed 1`): the lowest mate, the highest stranger.\n")
    print("| lands | same / different | AUC | score | mate first |\n|---|---|---|---|---|")
    with open(lands / "truth.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for title, options in (("as they lie", []), ("turned", TURNED)):
        f = labelled.evaluate(BRASSLINK, rows, lands, options)["figures"]
        score = f"{f['score']['lowest_same_source']:.1f} / {f['score']['highest_different_source']:.1f}"
        pairs = f"{f['same_source']} / {f['different_source']}"
        print(f"| {title} | {pairs} | {f['score']['auc']:.4f} | {score} | {f['rank'][0]} of {f['probes']} |", flush=True)


def doubles():
    """Doubles among generated requests for traces."""
    print("doubles", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "doubles.json"
        command = ["cargo", "bench", "--locked", "-p", "brasslink-benches", "--bench", "doubles", "--", "--json", out]
        subprocess.run(command, check=True, stdout=sys.stderr)
        found = json.loads(out.read_text())
    print(f"""
## Doubles

`cargo bench -p brasslink-benches --bench doubles`: generated requests for traces, each made again by another office with one slip in the serial number (blanks and case, look-alikes, transposed, mistyped, dropped, added: each as often), among as many about other firearms. Precision counts every pair that is pointed out as likely. Among {found['known']:,} requests, indexed in {found['index_s']:.1f} s, a query takes {found['query_ms_median']:.3f} ms (median of {found['queries']:,}), at most {found['query_ms_most']:.3f} ms.

| requests | doubles | others | recall | precision |
|---|---|---|---|---|""")
    for told in found["sets"]:
        print(
            f"| {told['set']} | {told['doubles']:,} | {told['others']:,} "
            f"| {told['recall']:.4f} | {told['precision']:.4f} |",
            flush=True,
        )


def main_job():
    """`brasslink run` on the Fadul scans, twice."""
    print("main job", file=sys.stderr)
    print("""
## The main job

`brasslink run --manifest FADUL --store NEW --reports NEW`, 40 scans: prepared, all pairs compared, grouped, 40 casing reports written; then the same command again, which finds everything done.

| run | imported | pairs compared | groups | wall s | CPU s |
|---|---|---|---|---|---|""")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        manifest, summary = folder / "manifest.csv", folder / "summary.json"
        with open(manifest, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "casing_id"])
            writer.writerows([DATA / r["file"], r["casing_id"]] for r in labelled.truth(DATA, "fadul"))
        for name in ("first", "again"):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            command = [BRASSLINK, "run", "-q", "--manifest", manifest, "--json", summary]
            command += ["--store", folder / "store", "--reports", folder / "reports"]
            subprocess.run(command, check=True)
            wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            counts = json.loads(summary.read_text())["counts"]
            done = [str(counts.get(k, 0)) for k in ("imported", "pairs_compared", "groups")]
            print("| " + " | ".join([name, *done, f"{wall:.1f}", f"{cpu:.1f}"]) + " |", flush=True)
        reports(folder / "store", folder)


def day_after():
    """One casing more in a store of 85: what a run costs and issues."""
    print("day after", file=sys.stderr)
    print("""
## The day after

`brasslink run` on Fadul and Weller (85 casings), then again with one casing more (the raw scan of Fadul 1-2, under an id of its own), then again with nothing new. Import, comparisons and the rest are the same job done stage by stage on a copy of the store, so that the cost of the casing's own comparisons can be told apart.

| run | imported | pairs compared | reports issued | unchanged | MB written | wall s | CPU s |
|---|---|---|---|---|---|---|---|""")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        manifest, summary = folder / "manifest.csv", folder / "summary.json"
        rows = [[DATA / r["file"], r["casing_id"]] for r in labelled.truth(DATA, "fadul", "weller")]
        more = rows + [[DATA / "raw3d" / "fadul_1-2_raw.x3p", "one more"]]

        def timed(command):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run(command, check=True)
            wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        def listed(rows):
            with open(manifest, "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["file", "casing_id"])
                writer.writerows(rows)

        for name, these in (("85 casings", rows), ("one more", more), ("nothing new", more)):
            listed(these)
            if name == "one more":
                shutil.copytree(folder / "store", folder / "copy")
            began = time.time()
            command = [BRASSLINK, "run", "-q", "--manifest", manifest, "--json", summary]
            command += ["--store", folder / "store", "--reports", folder / "reports"]
            wall, cpu = timed(command)
            counts = json.loads(summary.read_text())["counts"]
            names = ("imported", "pairs_compared", "reports_issued", "reports_unchanged")
            done = [str(counts.get(k, 0)) for k in names]
            files = [f.stat() for f in (folder / "reports").rglob("*") if f.is_file()]
            size = sum(f.st_size for f in files if f.st_mtime >= began - 1) / 1e6
            figures = [name, *done, f"{size:.0f}", f"{wall:.1f}", f"{cpu:.1f}"]
            print("| " + " | ".join(figures) + " |", flush=True)
        listed(more)
        store = ["-q", "--store", folder / "copy"]
        _, imported = timed([BRASSLINK, "import", *store, "--manifest", manifest])
        _, compared = timed([BRASSLINK, "correlate", *store])
        print(f"\nOf the CPU seconds of \"one more\", {imported:.1f} are those of its import and {compared:.1f} those of its own comparisons.", flush=True)


def reports(store, folder):
    """One casing's report with 10 candidates, format by format, from a store."""
    print("reports", file=sys.stderr)
    print("""
## Reports

`brasslink report --store FADUL --reports NEW --casing ID --format F`: one casing with 10 candidates; time of the whole command, opening the store and reading the marks included.

| format | bytes | wall s | CPU s |
|---|---|---|---|""")
    casing = labelled.truth(DATA, "fadul")[0]["casing_id"]
    for form in ("html", "json", "csv", "pdf"):
        out = folder / form
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [BRASSLINK, "report", "-q", "--store", store, "--reports", out]
        subprocess.run(command + ["--casing", casing, "--format", form], check=True)
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = next(out.iterdir()).stat().st_size
        print(f"| {form} | {size} | {wall:.2f} | {cpu:.2f} |", flush=True)


def evidence_store():
    """What scripts/prove-store prints, with the full counts."""
    print("""
## The evidence store

`scripts/prove-store`; every line fails loudly where it does not hold.

| what | outcome |
|---|---|""", flush=True)
    subprocess.run([Path(__file__).parents[1] / "prove-store"], check=True)


def casework():
    """What casework adds to the arrival of one casing in a million."""
    print("casework", file=sys.stderr)
    command = ["cargo", "bench", "--locked", "-p", "brasslink-benches", "--bench", "casework"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(f"""
## Casework in a state of a million casings

`cargo bench -p brasslink-benches --bench casework`: the watch list (a hundred standing queries) told of twenty new links; search rules of three sorts over the whole gallery for one probe.

```
{told.strip()}
```""", flush=True)


def weights():
    """`brasslink calibrate` and `validate` on the Glock scores, Fadul and Weller."""
    print("weights", file=sys.stderr)
    print("""
## Weight of evidence

Held-out log-likelihood-ratio cost. Glock: `brasslink validate --pairs SCORES --train splitN=t --test splitN=v`, with `--feature cells` or `score`, or both fused; in brackets without the bounds. Between studies: `calibrate --pairs FROM`, `validate --population` on the other, pairs as `evaluate --turn-seed 1 --pairs` writes them. LR < 1 and LR > 1: misleading same-source and different-source pairs. How strongly the fusion's weights are held back is chosen by `calibrate` among five precisions, by leaving firearms out within the training part.

| tested | numbers | firearms | same / different | Cllr | at best | LR < 1 | LR > 1 | log10 bounds |
|---|---|---|---|---|---|---|---|---|""")
    for mark in ("breech_face", "firing_pin"):
        for feature in ("cells", "score", "both"):
            for split in (1, 2, 3):
                scores = DATA / "scores" / f"glock_{mark}_impression.csv"
                options = ["--pairs", scores, "--train", f"split{split}=t", "--test", f"split{split}=v"]
                options += [] if feature == "both" else ["--feature", feature]
                weight_row(f"Glock {mark.replace('_', ' ')}, split {split}", feature, options)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in ("fadul", "weller"):
            path = folder / f"{name}.truth.csv"
            with open(path, "w", newline="") as file:
                writer = csv.DictWriter(file, ["file", "casing_id", "firearm_id"])
                writer.writeheader()
                writer.writerows(labelled.truth(DATA, name))
            command = [BRASSLINK, "-q", "evaluate", "--truth", path, "--root", DATA, *TURNED]
            subprocess.run([*command, "--pairs", folder / f"{name}.csv"], check=True)
        for feature in ("cells", "score", "both"):
            for name, other in (("fadul", "weller"), ("weller", "fadul")):
                population = folder / f"{name}.json"
                command = [BRASSLINK, "-q", "calibrate", "--pairs", folder / f"{name}.csv"]
                command += [] if feature == "both" else ["--feature", feature]
                subprocess.run([*command, "--out", population], check=True)
                options = ["--population", population, "--pairs", folder / f"{other}.csv"]
                weight_row(f"{name.title()} calibrates {other.title()}", feature, options)


def weight_row(title, feature, options):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        subprocess.run([BRASSLINK, "-q", "validate", *options, "--json", out], check=True)
        v = json.loads(out.read_text())
    columns = [
        title,
        feature,
        str(v["firearms"]),
        f"{v['same_source_pairs']} / {v['different_source_pairs']}",
        f"{v['cllr']:.4f} ({v['cllr_unbounded']:.4f})",
        f"{v['cllr_min']:.4f}",
        f"{v['misleading_same_source']:.2%}",
        f"{v['misleading_different_source']:.2%}",
        f"{v['bounds']['log10_lower']:.2f} … {v['bounds']['log10_upper']:.2f}",
    ]
    print("| " + " | ".join(columns) + " |", flush=True)


SECTIONS = {
    "sets": labelled_sets,
    "hard": hard,
    "gallery": gallery,
    "growth": lambda: growth(BRASSLINK),
    "striae": striae,
    "linking": linking,
    "job": main_job,
    "day": day_after,
    "casework": casework,
    "weights": weights,
    "doubles": doubles,
    "store": evidence_store,
}


def main():
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    wanted = sys.argv[3:] or list(SECTIONS)
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        sys.exit(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    if len(wanted) == len(SECTIONS):
        print("# Numbers\n\nPrinted by `scripts/numbers`, each section with its date. Not edited by hand.")
    for name in wanted:
        SECTIONS[name]()
        today = datetime.date.today()
        print(f"\n`scripts/numbers {name}`, {today}, commit {commit}, {machine()}.", flush=True)


if __name__ == "__main__":
    main()
