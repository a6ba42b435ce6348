# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# better-sqlite3 brings its binary inside the package: nothing is compiled and no script has to run.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    RELAY_HOST=0.0.0.0 \
    RELAY_PORT=8080 \
    RELAY_DATABASE=/data/relay.db
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY src ./src
# One short run of the service makes the compile cache: later its folder belongs to somebody else.
RUN printf '#!/bin/sh\nexec node --max-semi-space-size=16 --import /app/src/compile-cache.js /app/src/main.ts "$@"\n' \
        > /usr/local/bin/relay \
    && chmod 0755 /usr/local/bin/relay \
    && { RELAY_HOST=127.0.0.1 RELAY_DATABASE=/tmp/warm/relay.db timeout -s TERM 5 relay serve || test $? = 124; } \
    && rm -r /tmp/warm \
    && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.RELAY_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Type stripping: node runs the TypeScript as it is.
CMD ["relay", "serve"]
