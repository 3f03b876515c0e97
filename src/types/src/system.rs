//! What is asked of the operating system beyond Rust's own library, all of it
//! here. It is written for Unix, in part for Linux alone; each function says what
//! another system would have to do in its place.

#[cfg(not(unix))]
compile_error!("brasslink runs on Unix; src/types/src/system.rs says what another system must do");

use rustix::fs::OFlags;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{Error, Result};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Options for opening what may be a pipe or a device without waiting for its
/// other end, so that it can be asked what it is.
///
/// Windows: none needed; pipes have names of their own there (`\\.\pipe\…`), which
/// are to be refused.
pub fn without_waiting() -> OpenOptions {
    let mut options = File::options();
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    options
}

/// Options for opening a file of a store: where somebody put a symbolic link in
/// its place, nothing behind the link is read, changed or cut.
///
/// Windows: `FILE_FLAG_OPEN_REPARSE_POINT`, then refuse what is a reparse point.
pub fn not_following() -> OpenOptions {
    let mut options = File::options();
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// Options for writing a file that only its owner can read: what holds a secret.
/// A file that is there already keeps its mode.
///
/// Windows: an access list with the owner alone (`SetNamedSecurityInfoW`).
pub fn for_owner_alone() -> OpenOptions {
    let mut options = File::options();
    options.write(true).mode(0o600);
    options
}

/// The mode of a file that others than its owner can use.
///
/// Windows: whether its access list names anybody else.
pub fn open_to_others(about: &Metadata) -> Option<u32> {
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// The mode of a file that everybody on this machine can use, and not its owner
/// and group alone.
///
/// Windows: whether its access list names everybody.
pub fn open_to_everybody(about: &Metadata) -> Option<u32> {
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then_some(mode)
}

/// What a new file may be used for, within the mask of the process.
///
/// Windows: nothing; a file has the access list of its folder.
pub fn usual_permissions() -> Permissions {
    Permissions::from_mode(0o666)
}

/// Gives a folder this mode, if one is given; which it has then.
///
/// Windows: no modes; access lists are set by the system's own programs.
///
/// # Errors
/// What the system says.
pub fn folder_mode(folder: &Path, mode: Option<u32>) -> Result<u32> {
    if let Some(mode) = mode {
        std::fs::set_permissions(folder, Permissions::from_mode(mode))?;
    }
    Ok(std::fs::metadata(folder)?.permissions().mode() & 0o7777)
}

/// How many names lead to the bytes of a file.
///
/// Windows: `nNumberOfLinks` of `GetFileInformationByHandle`.
pub fn names_of(about: &Metadata) -> u64 {
    about.nlink()
}

/// Fills `to` with the bytes of `file` from `at` on, for several threads at once.
///
/// Windows: `seek_read` until it is full; it moves the file's own place, which
/// nobody uses here.
///
/// # Errors
/// What the system says; where the file ends before.
pub fn read_exact_at(file: &File, to: &mut [u8], at: u64) -> Result<()> {
    file.read_exact_at(to, at)
}

/// Limits the address space of this process to so many bytes, for good.
///
/// Windows: a job object with `ProcessMemoryLimit`.
///
/// # Errors
/// What the system says.
pub fn limit_address_space(bytes: u64) -> Result<()> {
    let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
    Ok(setrlimit(Resource::As, limit)?)
}

/// The memory that is free for this process, in bytes: the least of what the
/// machine has, its group may take and its own limit leaves. Linux tells it.
///
/// Windows: `ullAvailPhys` of `GlobalMemoryStatusEx`.
pub fn free_memory() -> Option<u64> {
    let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let first = |text: &str| text.split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
    let field = |text: &str, name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)).and_then(first)
    };
    let machine = field(&text("/proc/meminfo"), "MemAvailable:").map(|kb| kb << 10);
    let group = first(&text("/sys/fs/cgroup/memory.max")).map(|most| {
        most.saturating_sub(first(&text("/sys/fs/cgroup/memory.current")).unwrap_or(0))
    });
    let taken = field(&text("/proc/self/status"), "VmSize:").map_or(0, |kb| kb << 10);
    let own = getrlimit(Resource::As).current.map(|most| most.saturating_sub(taken));
    [machine, group, own].into_iter().flatten().min()
}

/// The name of this computer.
///
/// Windows: in the environment as `COMPUTERNAME`, where it is found.
pub fn host_name() -> Option<String> {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let set = || ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    told.or_else(set).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The processor time that a process has had. Linux tells it.
///
/// Windows: `GetProcessTimes`.
pub fn processor_time(process: u32) -> Option<Duration> {
    let told = std::fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Makes this process another program; ends only where that fails.
///
/// Windows: start it, wait for it, and end with its exit code.
pub fn become_program(command: &mut Command) -> Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// From now on SIGINT and SIGTERM do `act`, on a thread of its own, in the place
/// of ending this process.
///
/// Windows: `SetConsoleCtrlHandler`.
pub fn when_asked_to_end(mut act: impl FnMut() + Send + 'static) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    // Where it is refused, the process ends as any does: what is stored is safe.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || signals.forever().for_each(|_| act()));
}

/// The exit code of a process that was interrupted: 128 and the number of SIGINT,
/// as shells have it.
const INTERRUPTED: i32 = 130;

/// Ends this process at once as one that was interrupted; nothing else of it runs
/// any more.
///
/// Windows: `TerminateProcess` with `STATUS_CONTROL_C_EXIT`.
pub fn end_interrupted() {
    signal_hook::low_level::exit(INTERRUPTED);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_secret_is_its_owners_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [secret, link] = ["secret", "link"].map(|name| folder.path().join(name));
        let mut file = for_owner_alone().create_new(true).open(&secret).unwrap();
        file.write_all(b"0123456789").unwrap();
        assert_eq!(open_to_others(&file.metadata().unwrap()), None);
        assert_eq!(names_of(&file.metadata().unwrap()), 1);
        std::fs::set_permissions(&secret, Permissions::from_mode(0o640)).unwrap();
        assert_eq!(open_to_others(&file.metadata().unwrap()), Some(0o640));
        assert_eq!(open_to_everybody(&file.metadata().unwrap()), None);
        std::fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(open_to_everybody(&file.metadata().unwrap()), Some(0o644));
        std::os::unix::fs::symlink(&secret, &link).unwrap();
        assert!(not_following().read(true).open(&link).is_err());
        let mut part = [0; 3];
        read_exact_at(&not_following().read(true).open(&secret).unwrap(), &mut part, 7).unwrap();
        assert_eq!(&part, b"789");
        assert!(read_exact_at(&File::open(&secret).unwrap(), &mut part, 8).is_err());
    }

    #[test]
    fn the_machine_tells_of_itself() {
        assert!(free_memory().is_none_or(|bytes| bytes > 1 << 20));
        assert!(host_name().is_some_and(|name| !name.contains('\n')));
        assert!(processor_time(std::process::id()).is_none_or(|spent| spent.as_secs() < 3600));
    }
}
