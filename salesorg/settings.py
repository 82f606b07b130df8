"""Settings, read from the environment. A wrong or missing value stops the start with a sentence."""

import os
from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# The embedded servers (salesorg/embedded) leave their addresses here while they run,
# so that `manage.py` finds them without anything exported. Real variables win.
env.read_env(BASE_DIR / "var" / "run" / "environment", overwrite=False)


def required(name, what):
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {what}")
    return value


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY", "Set it to 50 random characters, or start with script/server, which makes one.")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters: signed cookies and links could be guessed.")
DATABASE_URL = required("DATABASE_URL", "Set it to postgres://user:password@host:5432/name, or start with script/server.")
REDIS_URL = required("REDIS_URL", "Set it to redis://host:6379/0, or start with script/server.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
HTTPS = BASE_URL.startswith("https://")

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL must be postgres://…: Salesorg keeps its promises with PostgreSQL's own constraints and triggers."
    )
DATABASES["default"] |= {
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    # A hung query must not hold a web thread for ever: gunicorn's own timeout does not end a thread.
    # While pgtrigger.ignore is not set, every fired trigger raises and catches an error to find that out: ten times slower.
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
        " -c pgtrigger.ignore={}"
        # On tables without statistics yet the JIT compiles for seconds what runs for a moment.
        " -c jit=off"
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "axes",
    "csp",
    "django_structlog",
    "salesorg.lib",
    "salesorg.jobs",
    "salesorg.audit",
    "salesorg.people",
    "accounts",
    "territories",
    "pipeline",
    "commissions",
    "salesorg.home",
]

MIDDLEWARE = [
    "salesorg.lib.stack.with_room",  # around all the others: a quarter of the time of a page
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a page of 28 KB goes out as 6; its token is masked and its length random
    "csp.middleware.CSPMiddleware",
    "salesorg.people.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "salesorg.people.middleware.SignedInMiddleware",
    "salesorg.people.middleware.PrivateMiddleware",
    "salesorg.people.middleware.ActingMiddleware",
    "salesorg.people.middleware.LogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "salesorg.lib.http.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "salesorg.urls"
WSGI_APPLICATION = "salesorg.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "salesorg.home.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# People who sign in; "accounts" always means customer accounts, so Django's /accounts/login/ is not used.
AUTH_USER_MODEL = "people.User"
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "people:sign_in"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "salesorg.people.backends.PeopleBackend"]
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail addresses are unique in any case: people.User's constraint on Lower("email")
    "fields.W161",  # for twenty seconds a day, at eight, takes the hour at which a day in the field begins for a mistaken now()
]
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds a mailed link may be used
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Locked by address and e-mail together: one person's typing errors must not lock a whole office behind one address.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "salesorg.people.backends.typed_email"
AXES_CLIENT_IP_CALLABLE = "salesorg.people.sessions.limited_address"
AXES_LOCKOUT_CALLABLE = "salesorg.people.views.signing_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # we say when to try again, and keep our word
AXES_DISABLE_ACCESS_LOG = True  # people.Session already says who signed in, when and where

SESSION_ENGINE = "salesorg.people.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds; a phone in the field should not ask for a password every morning
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # then X-Forwarded-For and -Proto are believed
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # a load balancer asks over plain HTTP
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # what is longer is refused in words, by salesorg.lib.http.bad_request
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Photos and documents: written and served by salesorg.lib.files alone, never by a web server.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or BASE_DIR / "var" / "media")
try:
    MEDIA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"MEDIA_ROOT, the folder of photos and documents, cannot be made: {error}") from None
if not os.access(MEDIA_ROOT, os.R_OK | os.W_OK | os.X_OK):
    raise ImproperlyConfigured(f"MEDIA_ROOT: this user may not write to {MEDIA_ROOT}. Give it the folder, or name another.")
# Files of imports and exports hold personal data: the nightly run removes them after so many days.
try:
    IMPORTS_KEPT_DAYS = env.int("IMPORTS_KEPT_DAYS", default=90)
except ValueError:
    IMPORTS_KEPT_DAYS = 0
if not 1 <= IMPORTS_KEPT_DAYS <= 36_500:
    raise ImproperlyConfigured("IMPORTS_KEPT_DAYS is a number of days from 1 to 36500, or left out for 90.")
FILE_UPLOAD_HANDLERS = [
    "salesorg.lib.files.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="salesorg@localhost")
# The name under which our own mail server writes Authentication-Results; without it no sender of a letter counts as proven.
TRUSTED_MAIL_SERVER = env.str("TRUSTED_MAIL_SERVER", default="")

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
# Dates, numbers and money are written as in these; words are in English until somebody translates them (locale/).
LANGUAGES = [
    ("en", "English"),
    ("en-gb", "English (United Kingdom)"),
    ("cs", "Čeština"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("nb", "Norsk"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("fi", "Suomi"),
    ("sv", "Svenska"),
]
TIME_ZONE = "UTC"
USE_TZ = USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "salesorg.lib.browser_libraries.Finder",
]
STORAGES = {"staticfiles": {"BACKEND": "salesorg.lib.static_files.Storage"}}

# A killed worker, broker or database loses and repeats nothing with these; see salesorg/jobs.
TASK_TIME_LIMIT = 300  # seconds; long work is cut into chunks of under a minute
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = TASK_TIME_LIMIT
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2 * TASK_TIME_LIMIT + 60,
    # Without these a task of a killed worker waits some 100 s before it is given out again.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,  # else a traceback of Django's own is logged as its address
            ],
        }
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "pgtrigger": {"level": "WARNING"}},
}
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: one line per request, when it is answered, is enough
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
