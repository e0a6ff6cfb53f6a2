# Everything starts here: `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help setup system pythons lint test soak bench demo serve

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Where torch comes from when not from the usual registry, whose Linux build brings gigabytes of CUDA.
TORCH_INDEX ?=
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --disable-pip-version-check --quiet

# An environment is good when it was finished for these files and this folder.
WANTED := $(shell cat requirements.txt pyproject.toml hatch_build.py | sha256sum | cut -c1-16) $(CURDIR)
# GL, EGL and what else the wheels of 3D Slicer's core and of Qt load: library and Debian package.
LIBRARIES := libEGL.so.1:libegl1 libGL.so.1:libgl1 libOpenGL.so.0:libopengl0 libxkbcommon.so.0:libxkbcommon0 \
	libdbus-1.so.3:libdbus-1-3 libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0 swrast_dri.so:libgl1-mesa-dri
# What validates the DICOM objects that are written: program and Debian package.
PROGRAMS := dciodvfy:dicom3tools dsrdump:dcmtk

help:  ## Print this list
	@sed -n 's/^\([a-z]*\):.*##/  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16
	echo "  TORCH_INDEX=url with setup, test or demo: another index for torch (its CPU build, say)"

setup:  ## Make .venv with everything pinned in requirements.txt, and compile configs/
	@if [ "$$(cat $(VENV)/.finished 2>/dev/null)" != "$(WANTED)" ] || ! $(RUN) -c '' 2>/dev/null; then
	    "$(or $(PYTHON),python3)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
	        echo "Python 3.11 is needed; install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	    $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || {
	        if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	            apt-get update -qq && apt-get install -qq -y --no-install-recommends python3.11-venv >/dev/null
	        else
	            echo "This Python cannot make environments; run: sudo apt-get install python3.11-venv" >&2; exit 1
	        fi; }
	    # One that was never finished, or was made for another folder, is made anew; a finished one is brought up to date.
	    case "$$(cat $(VENV)/.finished 2>/dev/null)" in *" $(CURDIR)") $(RUN) -c '' 2>/dev/null || rm -rf $(VENV) ;; *) rm -rf $(VENV) ;; esac
	    echo "Setting up $(VENV), once (some 2 to 5 minutes, 3.5 GB) ..."
	    [ -d $(VENV) ] || $(PYTHON) -m venv $(VENV)
	    rm -f $(VENV)/.finished
	    [ -z "$(TORCH_INDEX)" ] || $(PIP) --no-deps --index-url "$(TORCH_INDEX)" "$$(grep '^torch==' requirements.txt)"
	    $(PIP) -r requirements.txt
	    $(PIP) --no-deps "$$(sed -n 's/^# without its dependencies: //p' requirements.txt)"
	    $(PIP) --no-deps --no-build-isolation -e .
	    echo "$(WANTED)" > $(VENV)/.finished
	fi
	$(RUN) -m sagittal.configuration.compile configs lib/sagittal/anatomy/definitions.json

system:  ## Install the system libraries and programs that the tests need (apt, as root), or name them
	@[ "$$(uname)" = Linux ] || exit 0
	missing=()
	for pair in $(LIBRARIES); do
	    PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$${pair%%:*}" ||
	        compgen -G "/usr/lib/*/dri/$${pair%%:*}" >/dev/null || missing+=("$${pair#*:}")
	done
	for pair in $(PROGRAMS); do
	    command -v "$${pair%%:*}" >/dev/null || missing+=("$${pair#*:}")
	done
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    echo "Installing $${missing[*]} ..."
	    apt-get update -qq
	    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$${missing[@]}" >/dev/null
	else
	    echo "The tests of the Slicer module and of DICOM need packages that are missing; run: sudo apt-get install $${missing[*]}" >&2
	fi

pythons: setup  ## Make environments of Slicer's Pythons (3.9, 3.12) where this machine has those: its module is tested on them
	@for version in 3.9 3.12; do
	    place=$(VENV)/slicer/$$version
	    [ ! -x "$$place/bin/python" ] || continue
	    found=
	    for python in "$$(command -v python$$version || true)" "$$HOME"/.pyenv/versions/$$version.*/bin/python; do
	        [ -z "$$found" ] && "$$python" -c 'import ensurepip, venv' 2>/dev/null && found=$$python || true
	    done
	    [ -n "$$found" ] || { echo "No Python $$version here: the Slicer module is not tested on it"; continue; }
	    "$$found" -m venv "$$place.part"
	    if "$$place.part/bin/python" -m pip install --disable-pip-version-check -qq numpy scipy requests; then
	        rm -rf "$$place" && mv "$$place.part" "$$place"
	    else
	        rm -rf "$$place.part"
	        echo "numpy and scipy for Python $$version cannot be had: the Slicer module is not tested on it"
	    fi
	done

lint: setup  ## Ruff and mypy
	@$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

test: setup system pythons lint  ## Everything that must pass before a change lands (at most 15 minutes on 2 cores)
	@$(RUN) -m pytest -m "not soak"

soak: setup system  ## The long tests
	@$(RUN) -m pytest -m soak || [ $$? -eq 5 ]  # 5: there is none

bench: setup  ## Measure, and write the tables of benchmarks/
	@for script in benchmarks/*.py; do
	    case "$$script" in *carry_over*) continue ;; esac  # hours: started by hand
	    echo "$$script"
	    $(RUN) "$$script"
	done

demo: setup  ## A real server measures films: simulated ones, or FILM=path
	@$(RUN) -m sagittal.cli demo $(if $(FILM),--film "$(FILM)")

serve: setup  ## Serve a folder of films to 3D Slicer: STUDIES=folder [PORT=8000]
	@[ -n "$(STUDIES)" ] || { echo "Say which folder: make serve STUDIES=path/to/films" >&2; exit 2; }
	exec $(RUN) -m sagittal.cli serve --studies "$(STUDIES)" --port $(or $(PORT),8000)
