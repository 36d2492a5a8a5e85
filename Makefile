# LangDesign. `make` prints the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

ifneq ($(filter 3.%,$(MAKE_VERSION)),)
$(error this is GNU make $(MAKE_VERSION), and 4 is needed: install it (macOS: brew install make, then gmake))
endif
ifneq ($(word 2,$(CURDIR)),)
$(error the path of this checkout has a space in it, which make cannot handle: move it, $(CURDIR))
endif

# The Python that the environment is made of; python3, python3.11 or python3.12, whichever fits first.
PYTHON ?=
export PYTHON
VENV ?= .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Modules are compiled once, also on a machine that says otherwise: a run of the tests starts hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

MEMBERS := $(shell sed -n 's/^-e //p' requirements/members.txt requirements/training-members.txt)
TYPED := $(foreach member,$(filter-out protos/python,$(MEMBERS)),$(member)/src)

.PHONY: help
help: ## Print these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/uv:
	@requirements/install.sh $(VENV)

# One stamp per lock: a changed lock or member installs again, nothing else does.
$(VENV)/.installed-%: requirements/%.txt requirements/torch.txt requirements/triton-stub.txt $(addsuffix /pyproject.toml,$(MEMBERS))
	@requirements/install.sh $(VENV) $*
	@touch $@

.PHONY: setup setup-serve
setup: $(VENV)/.installed-dev ## Install everything for development into .venv
setup-serve: $(VENV)/.installed-serve ## Install what serving needs into .venv

# The page is built where Node is new enough; without it the gateway's page says how.
NODE := $(shell node -p 'process.versions.node.split(".")[0] >= 20 ? "there" : ""' 2>/dev/null)

.PHONY: demo up
demo: setup-serve $(if $(NODE),web) ## Start every service and edit a room to a tree; result in out/demo (STAY=1 keeps it up)
	$(BIN)/langdesign demo --out out/demo $(if $(STAY),--stay)

up: setup-serve $(if $(NODE),web) ## Start every service and the web page on this machine until Ctrl-C
	$(BIN)/langdesign up

# A file is one worker's: what its tests share is started once. The files keep the order of conftest.py.
SHARED_OUT := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: test test-long
test: setup $(if $(NODE),test-web) ## Run the tests
	@$(if $(NODE),:,echo "$(NO_NODE)")
	$(BIN)/pytest $(SHARED_OUT) -m "not long"

test-long: setup ## Run the long forms of the promises too
	$(BIN)/pytest $(SHARED_OUT)

# The web page. Its generated types are committed, so that Node alone builds it.
WEB := clients/web
WEB_SOURCES = $(shell find $(WEB)/src $(WEB)/public -type f ! -name '*.test.ts') $(WEB)/index.html $(WEB)/vite.config.ts
NO_NODE := no Node 20: the web page is neither built nor tested; install it (Debian: apt-get install nodejs npm)

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "$(NO_NODE)" >&2; exit 1; }
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEB_SOURCES)
	cd $(WEB) && npm run --silent build -- --logLevel warn

.PHONY: web test-web web-protos
web: $(WEB)/dist/index.html ## Build the web page into clients/web/dist, and print its size
	@cd $(WEB) && npm run --silent size

test-web: web ## Check the web page's types, style and parts (its tests in a browser are pytest's)
	cd $(WEB) && npm run --silent types && npm run --silent lint && npm test --silent -- --reporter=dot
	@if test -x $(BIN)/buf; then BIN=$(CURDIR)/$(BIN) $(WEB)/tools/protos.sh --check; fi

web-protos: setup $(WEB)/node_modules/.installed ## Generate the web page's types of the contracts
	BIN=$(CURDIR)/$(BIN) $(WEB)/tools/protos.sh

.PHONY: lint types
lint: setup ## Check style, contracts, generated code and dependency directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python protos/generate.py --check
	$(BIN)/zizmor --quiet --offline .github

# From the folder of a program that is no package; what is known of libraries is kept in one place.
MYPY_HERE := $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --cache-dir $(CURDIR)/.mypy_cache

types: setup ## Check types strictly
	$(BIN)/mypy $(TYPED) protos/generate.py deploy/overlays/local/issue_token.py
	cd deploy/gateway && $(MYPY_HERE) serve.py
	cd deploy/monitoring && $(MYPY_HERE) check.py dashboards.py
	cd deploy/images && $(MYPY_HERE) check.py sbom.py pin.py catalogue.py
	cd deploy/check && $(MYPY_HERE) run.py
	cd deploy/delivery && $(MYPY_HERE) render.py roll_out.py record.py validate.py value_forms.py value_rules.py relation_rules.py
	cd docs/tools && $(MYPY_HERE) *.py

# Needs the advisory services of PyPI and npm; a package that they do not know is a failure, too.
LOCKS := serve dev cluster docs
.PHONY: audit secrets deployment-check
audit: setup secrets ## Ask whether a locked dependency has a known vulnerability, and look for secrets
	for lock in $(LOCKS); do \
	  $(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off \
	    --requirement <(sed '/^-e /d' requirements/$$lock.txt); \
	done
	cd $(WEB) && npm audit --package-lock-only --audit-level=high

secrets: setup ## Look for secrets in what git tracks
	git ls-files -z | xargs -0 -n 200 $(BIN)/detect-secrets-hook --no-verify --baseline .secrets.baseline

deployment-check: setup ## Edit, roll, scale the model server and kill a model, with real processes
	$(BIN)/python deploy/check/run.py processes

.PHONY: manifests
manifests: setup ## Render every overlay into out/manifests, and hold it against the schemas
	mkdir -p out/manifests
	for overlay in $(notdir $(wildcard deploy/overlays/*)); do \
	  kubectl kustomize deploy/overlays/$$overlay > out/manifests/$$overlay.yaml; \
	done
	$(BIN)/python deploy/delivery/validate.py out/manifests/*.yaml

.PHONY: monitoring-check
SECONDS_OF_LOAD ?= 120
monitoring-check: setup ## Ask a real Prometheus all that alerts, the autoscaler and dashboards ask (needs prometheus)
	$(BIN)/python deploy/monitoring/check.py --seconds $(SECONDS_OF_LOAD) --record out/monitoring/load.json

.PHONY: protos locks
protos: setup ## Generate the Python of the contracts
	$(BIN)/python protos/generate.py

locks: | $(BIN)/uv ## Compile the locked requirements anew (UPGRADE=1 takes the newest versions)
	# A lock is the same wherever it is made: of PyTorch's build for the CPU, whose requirements all others have.
	# What serves is what is developed with: one environment is set up for both.
	export UV_FIND_LINKS=$${UV_FIND_LINKS:-$$($(BIN)/python -m pip config get global.find-links 2>/dev/null || true)}; \
	test -n "$$UV_FIND_LINKS" || export UV_TORCH_BACKEND=cpu; \
	lock() { $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) requirements/members.txt "$${@:2}" requirements/$$1.in -c requirements/torch.txt \
	  --override requirements/overrides.txt --no-emit-package torch --no-annotate --no-header -o requirements/$$1.txt; }; \
	lock dev requirements/training-members.txt; lock serve -c <(sed '/^-e /d' requirements/dev.txt)
	$(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) requirements/cluster.in -c <(sed '/^-e /d' requirements/dev.txt) \
	  --override requirements/overrides.txt --no-annotate --no-header -o requirements/cluster.txt
	$(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) requirements/docs.in -c <(sed '/^-e /d' requirements/dev.txt) \
	  --override requirements/overrides.txt --no-annotate --no-header -o requirements/docs.txt

.PHONY: bench
bench: setup ## Measure the engine on this machine
	$(BIN)/langdesign bench engine --size mini --device cpu

# Data and weights of the embedded family. Every command goes on where it was stopped. A larger family:
# `make mini FAMILIES=2000 STEPS_edit=50000 STEPS_segment=30000 ROOMS=out/scenes/large FAMILY=out/large`.
ROOMS ?= out/scenes/rooms
BENCH_SET ?= out/scenes/bench
FAMILY ?= out/mini
FAMILIES ?= 500
RENDER = $(BIN)/python -m langdesign_scenes render $(ROOMS) --families $(FAMILIES) --seed 1
MODELS := vae clip dino backbone segment generate edit

.PHONY: scenes sheets bench-set mini mini-export bench-edits
scenes: setup ## Render the training set (FAMILIES scenes, six pictures each)
	$(RENDER)

sheets: scenes ## Draw contact sheets of the training set into out/scenes
	for what in rooms singles edits; do \
	  $(BIN)/python -m langdesign_scenes sheet $(ROOMS) out/scenes/$$what.jpg --what $$what; \
	done

bench-set: setup ## Render the set that edits are judged on
	$(BIN)/python -m langdesign_scenes render $(BENCH_SET) --families 80 --seed 1001

mini: setup ## Render, train the embedded family from nothing, and print how long it took
	time { $(RENDER); $(foreach model,$(MODELS),\
	  $(BIN)/python -m langdesign_finetune train $(model) --data $(ROOMS) --out $(FAMILY) \
	    $(if $(STEPS_$(model)),--steps $(STEPS_$(model)));) }

mini-export: setup ## Lay the trained family out in deploy/models/mini
	$(BIN)/python -m langdesign_finetune export --out $(FAMILY) --to deploy/models/mini

bench-edits: bench-set ## Judge the embedded family's edits against the exact truth
	$(BIN)/langdesign bench edits --data $(BENCH_SET) --regions truth,rela --curve

# The documentation has an environment of its own: it needs no service and no model.
DOCS := $(VENV)-docs

$(DOCS)/.installed: requirements/docs.txt | $(BIN)/uv
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(DOCS)
	VIRTUAL_ENV=$(DOCS) $(BIN)/uv pip install --quiet --no-deps -r $<
	@touch $@

.PHONY: docs docs-serve docs-pictures
docs: $(DOCS)/.installed ## Build the documentation into out/site; a dead link is an error
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict

docs-serve: $(DOCS)/.installed ## Serve the documentation on port 8400, and build it anew when a page changes
	$(DOCS)/bin/mkdocs serve

docs-pictures: setup web ## Make the documentation's pictures anew, from services that are started for it (needs Chromium)
	$(BIN)/python docs/tools/pictures

.PHONY: images
BUILDER ?= $(shell command -v docker || command -v buildah)
# With buildah, too, what images have in common is built once.
images: export BUILDAH_LAYERS := true
images: ## Build the container images (BUILDER=docker or buildah)
	@test -n "$(BUILDER)" || { echo "no image builder: install docker or buildah, or set BUILDER" >&2; exit 1; }
	python3 deploy/images/catalogue.py builds | while read -r image recipe; do \
	  $(BUILDER) build -f "$$recipe" --build-arg SERVICE="$$image" -t "langdesign/$$image" . < /dev/null; \
	done

.PHONY: images-check pin-images sbom
images-check: setup ## Build images with buildah, run them as pods do, and edit a picture through them (needs root)
	$(BIN)/python deploy/images/check.py $(IMAGES_CHECK)

pin-images: setup ## Pin the base images by the digests that their tags have today
	$(BIN)/python deploy/images/pin.py

sbom: setup ## Write a bill of materials (CycloneDX) of every image into out/sbom
	$(BIN)/python deploy/images/sbom.py out/sbom
