"""How static files are stored in production: each under a name with its hash, so that a browser never mixes two versions."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of our ES modules: an unhashed `import "./toasts.js"` would meet yesterday's file."""

    support_js_module_import_aggregation = True
