//! The `brasslink` command.

fn main() -> std::process::ExitCode {
    brasslink::run(&brasslink::station::Beside)
}
