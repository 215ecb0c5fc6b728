#!/bin/sh
# as PRINCIPAL COMMAND…: whoever is not the archivist has a certificate, and a listener of their own.
set -eu
if [ "$1" != archivist ]; then
    unset STAYDOWN_KAFKA_SASL_MECHANISM STAYDOWN_KAFKA_SASL_USERNAME STAYDOWN_KAFKA_SASL_PASSWORD_FILE
    export STAYDOWN_KAFKA="${STAYDOWN_KAFKA%:*}:9094" STAYDOWN_KAFKA_SECURITY_PROTOCOL=SSL
    export STAYDOWN_KAFKA_SSL_CERTIFICATE_FILE="/run/secrets/staydown/$1/user.crt"
    export STAYDOWN_KAFKA_SSL_KEY_FILE="/run/secrets/staydown/$1/user.key"
fi
shift
exec "$@"
