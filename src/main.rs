//! The `brasslink` command.
fn main() {}
