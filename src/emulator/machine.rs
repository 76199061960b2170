//! What this machine has left for another emulator: memory, disk, hardware virtualization. Too little of one of them
//! shows in an emulator only after minutes, or in its neighbours. Uses `rustix` and `/proc`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Acceleration, EmulatorError, Sdk};

const MEGABYTE: u64 = 1 << 20;

/// What must be free before an emulator starts; zeros are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Memory in megabytes.
    pub memory_mb: u64,
    /// Disk in megabytes, where the AVDs are.
    pub disk_mb: u64,
    /// Hardware virtualization.
    pub acceleration: bool,
}

impl Default for Needs {
    /// 2 GB of guest and 1 GB around it; an AVD after its first boot, a snapshot of its memory, and room to grow.
    fn default() -> Needs {
        Needs {
            memory_mb: 3072,
            disk_mb: 8192,
            acceleration: true,
        }
    }
}

impl Needs {
    /// Looks whether this machine has what an emulator needs. `promised_mb` is memory that others have been let start
    /// with and do not use yet.
    ///
    /// # Errors
    /// With what is there, what is needed, and the way out.
    pub async fn check(
        &self,
        sdk: &Sdk,
        avds: &Path,
        promised_mb: u64,
    ) -> Result<(), EmulatorError> {
        // A system that does not say how much there is keeps nobody from trying.
        if let Some(available) = available_memory_mb().filter(|_| self.memory_mb > 0) {
            let free_mb = available.saturating_sub(promised_mb);
            if free_mb < self.memory_mb {
                return Err(EmulatorError::NoMemory {
                    free_mb,
                    promised_mb,
                    needed_mb: self.memory_mb,
                });
            }
        }
        if let Some(free_mb) = free_disk_mb(avds).filter(|_| self.disk_mb > 0)
            && free_mb < self.disk_mb
        {
            return Err(EmulatorError::NoDisk {
                path: avds.to_path_buf(),
                free_mb,
                needed_mb: self.disk_mb,
            });
        }
        if self.acceleration
            && let Acceleration::Unusable(reason) = sdk.acceleration().await
        {
            return Err(EmulatorError::NoAcceleration {
                reason,
                fix: acceleration_fix(Path::new("/dev/kvm")),
            });
        }
        Ok(())
    }
}

/// What makes hardware virtualization usable, from whether its device can be opened.
pub fn acceleration_fix(device: &Path) -> &'static str {
    let opened = fs::OpenOptions::new().read(true).write(true).open(device);
    match opened.map_err(|error| error.kind()) {
        Ok(_) => "look at `emulator -accel-check -verbose`",
        Err(std::io::ErrorKind::PermissionDenied) => {
            "you may not use /dev/kvm: `sudo usermod -aG kvm $USER`, then log in again"
        }
        Err(_) => {
            "there is no /dev/kvm: switch virtualization (VT-x, AMD-V) on in the firmware and `sudo modprobe kvm`; in a \
             virtual machine allow nested virtualization, in a container pass --device /dev/kvm"
        }
    }
}

/// Memory that a new program can have: the machine's, or what a container leaves of it.
pub fn available_memory_mb() -> Option<u64> {
    let machine = available_in(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let number = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(Path::new("/sys/fs/cgroup").join(name)).ok()?;
        text.trim().parse().ok()
    };
    let group = number("memory.max")
        .zip(number("memory.current"))
        .map(|(most, used)| most.saturating_sub(used) / MEGABYTE);
    Some(group.map_or(machine, |group| group.min(machine)))
}

/// `MemAvailable` of `/proc/meminfo`, in megabytes.
fn available_in(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes / 1024)
}

/// Free disk where a path is or will be.
fn free_disk_mb(path: &Path) -> Option<u64> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let there = absolute.ancestors().find(|path| path.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize) / MEGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_system() {
        let text = "MemTotal:       24683464 kB\nMemFree:  1 kB\nMemAvailable:   10485760 kB\n";
        assert_eq!(available_in(text), Some(10240));
        assert_eq!(available_in("MemTotal: 3 kB\n"), None);
        assert!(available_memory_mb().is_none_or(|megabytes| megabytes > 0));
    }

    #[tokio::test]
    async fn too_little_is_said_with_its_number_and_the_way_out() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("emulator")).unwrap();
        fs::write(place.path().join("emulator/emulator"), "no program").unwrap();
        let sdk = Sdk::at(place.path()).unwrap();
        let needs = |memory_mb, disk_mb, acceleration| Needs {
            memory_mb,
            disk_mb,
            acceleration,
        };
        let check = async |needs: Needs, promised| {
            let checked = needs.check(&sdk, &place.path().join("avd"), promised).await;
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(check(needs(0, 0, false), 0).await, Ok(()));
        assert_eq!(check(needs(1, 1, false), 0).await, Ok(()));
        for (needs, promised, words) in [
            (
                needs(1 << 40, 0, false),
                0,
                "devices.emulators.needs_memory_mb",
            ),
            (
                needs(1, 0, false),
                1 << 40,
                "1099511627776 MB of others that are starting",
            ),
            (
                needs(0, 1 << 40, false),
                0,
                "devices.emulators.needs_disk_mb",
            ),
            (needs(0, 0, true), 0, "hardware virtualization"),
        ] {
            let error = check(needs, promised).await.unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_missing_kvm_is_told_from_a_forbidden_one() {
        assert!(acceleration_fix(Path::new("/nowhere/kvm")).contains("firmware"));
        assert!(acceleration_fix(Path::new("/dev/null")).contains("-accel-check"));
    }
}
