# Gives the service as MONGODB_URI what is in the file that MONGODB_URI_FILE names, so that a secret
# may come as a file; then becomes the service.
set -eu
if [ -n "${MONGODB_URI_FILE:-}" ]; then
    MONGODB_URI=$(cat "$MONGODB_URI_FILE")
    export MONGODB_URI
fi
exec "$@"
