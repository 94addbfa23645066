"""Django's settings. What differs between places comes from the environment; `.env.example` names every variable."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

from portal import env
from portal.embedded import DATABASE, Embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env.load(BASE_DIR / ".env")
DATA_DIR = BASE_DIR / env.text("LOCKSTEP_DATA", ".data")

PRODUCTION = env.flag("LOCKSTEP_PRODUCTION", default=False)
DEBUG = env.flag("LOCKSTEP_DEBUG", default=False) and not PRODUCTION
if PRODUCTION:
    env.require("LOCKSTEP_SECRET_KEY", "LOCKSTEP_CREDENTIALS_KEY", "DATABASE_URL", "LOCKSTEP_HOSTS")

# Keys. The first credentials key encrypts, all of them decrypt, so that a key can be replaced without losing a connection.
SECRET_KEY = env.kept_key("LOCKSTEP_SECRET_KEY", folder=DATA_DIR)
CREDENTIALS_KEYS = [key.strip() for key in env.kept_key("LOCKSTEP_CREDENTIALS_KEY", folder=DATA_DIR).split(",") if key.strip()]

# Database. Without DATABASE_URL the embedded server under .data/ is used.
DATABASE_URL = env.text("DATABASE_URL")
EMBEDDED = None if DATABASE_URL else Embedded(DATA_DIR / "postgres")
CONN_MAX_AGE = env.number("LOCKSTEP_CONN_MAX_AGE", 600)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database(DATABASE_URL or Embedded(DATA_DIR / "postgres").url(DATABASE)),
        "CONN_MAX_AGE": CONN_MAX_AGE,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

OUR_APPS = [
    "portal.accounts",
    "portal.audit",
    "portal.ui",
    "portal.connections",
    "portal.ledger",
    "mappings",
    "exceptions",
    "portal.sync",
    "portal.reconciliation",
    "portal.dashboard",
    "portal.api",
]

INSTALLED_APPS = [
    "portal",  # the commands, the checks and the static files of the roof
    *OUR_APPS,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "django_filters",
    "django_htmx",
    "django_q",
    "django_tables2",
    "drf_spectacular",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.logging.RequestContext",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # a page is closed unless its view says @login_not_required
    "portal.accounts.zones.LocalTime",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
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
            ],
        },
    },
]

# Who may come in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = env.number("LOCKSTEP_LOGIN_TRIES", 10)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "portal.visitor.address"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False

# The door to the outside
ALLOWED_HOSTS = env.words("LOCKSTEP_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("LOCKSTEP_ORIGINS", ",".join(f"https://{host}" for host in ALLOWED_HOSTS) if PRODUCTION else "")
HTTPS = env.flag("LOCKSTEP_HTTPS", default=PRODUCTION)
# The portal's own address, for links in mails and chat tools: by default the first origin; `make run` tells its own
ORIGIN = next((origin for origin in CSRF_TRUSTED_ORIGINS if "*" not in origin and "://." not in origin), "")
PUBLIC_URL = env.address("LOCKSTEP_PUBLIC_URL", ORIGIN or "http://127.0.0.1:8000")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]  # asked by machines beside us, without the proxy
SECURE_HSTS_SECONDS = env.number("LOCKSTEP_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.flag("LOCKSTEP_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # above every limit of a door, which answers in its own words

# Words and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# Static files: collected in production, straight from the packages everywhere else
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_FILES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": HASHED_FILES if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION  # no collectstatic needed for the demo and the tests
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "media"

# Mail
MAIL = env.mail(env.text("LOCKSTEP_MAIL_URL"))
EMAIL_BACKEND, EMAIL_TIMEOUT = MAIL.backend, 30
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.ssl, MAIL.tls
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("LOCKSTEP_MAIL_FROM", "Lockstep <lockstep@localhost>")

# The queue. It is a doorbell: rows of ours are the truth, so it keeps no history and never repeats a task by itself.
Q_WORKERS = env.number("LOCKSTEP_WORKERS", 4)
Q_TIMEOUT_S = env.number("LOCKSTEP_TASK_TIMEOUT_S", 300)
Q_LIMIT, Q_BULK = Q_WORKERS, 1
# Tasks age while they wait in the worker's memory, so the broker may hand one out again only after all of them could have run.
Q_RETRY_S = Q_TIMEOUT_S * (1 + ceil((Q_LIMIT + Q_BULK) / Q_WORKERS)) + 60
Q_CLUSTER: dict[str, Any] = {
    "name": "lockstep",
    "label": "Queue",
    "orm": "default",
    "workers": Q_WORKERS,
    "timeout": Q_TIMEOUT_S,
    "retry": Q_RETRY_S,
    "queue_limit": Q_LIMIT,
    "bulk": Q_BULK,
    "poll": 0.2,
    "guard_cycle": 1,
    "recycle": 5000,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
}

# The API
HOOK_MOST_BYTES = 5 * 1024 * 1024  # of one webhook; vendors send far less
API_MOST_BYTES = 8 * 1024 * 1024  # a larger body is told to come in parts
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lockstep",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["portal.api.described.only_ours"],
}
DJANGO_TABLES2_TEMPLATE = "ui/table.html"

# The vendors' simulators listen behind this port (portal/sandbox_ports.py)
SANDBOX_PORT = env.number("LOCKSTEP_SANDBOX_PORT", 8700)

# The corridor: a claimed message is lost by a dead worker after so long (longer than the longest call)
LEASE_S = env.number("LOCKSTEP_LEASE_S", 90)
# A connection that is down is tried again with growing pauses, none longer than this
LONGEST_PROBE_S = env.number("LOCKSTEP_LONGEST_PROBE_S", 120)

# Days after which rows of the machine room are removed (portal/reconciliation/retention.py); 0: never
KEEP_DAYS = {
    "messages": env.number("LOCKSTEP_KEEP_MESSAGES_DAYS", 400),
    "attempts": env.number("LOCKSTEP_KEEP_ATTEMPTS_DAYS", 400),
    "runs": env.number("LOCKSTEP_KEEP_RUNS_DAYS", 400),
    "comparisons": env.number("LOCKSTEP_KEEP_COMPARISONS_DAYS", 400),
    "notices": env.number("LOCKSTEP_KEEP_NOTICES_DAYS", 90),
    "stock": env.number("LOCKSTEP_KEEP_STOCK_DAYS", 180),
}

LOG_FORMAT = env.text("LOCKSTEP_LOG_FORMAT", "json")
LOG_LEVEL = env.text("LOCKSTEP_LOG_LEVEL", "INFO")
LOGGING_CONFIG = "portal.logging.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
