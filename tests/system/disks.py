"""Small disks that a test fills: in a mount namespace of its own (`harness.enter_private_network`)."""

import subprocess


def small_disk(test, name, size="8m"):
    """An empty disk in the test's folder."""
    folder = test.folder / name
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    test.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
    return folder


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def fill(folder):
    """Leaves no byte free; the file to remove."""
    filler = folder / "filler"
    with open(filler, "ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return filler
