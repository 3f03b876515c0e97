//! The `brasslink` command.

fn main() -> std::process::ExitCode {
    brasslink::cli::run()
}
