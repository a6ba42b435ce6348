# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
# /image becomes the whole file system of the image: what is not put there is not in it.
WORKDIR /image/app
COPY package.json package-lock.json .npmrc ./
# better-sqlite3 brings its binary inside the package: nothing is compiled and no script has to run.
RUN npm ci --omit=dev --ignore-scripts
COPY migrations ./migrations
COPY src ./src
# node, the shared libraries that it and the one native module name, the user, and `relay`. No CA certificates: node has
# its own; more are given by NODE_EXTRA_CA_CERTS. No time zones: these too are inside node. No TypeScript of packages: node
# strips types only outside of node_modules.
RUN set -eu; \
    addons=node_modules/better-sqlite3/prebuilds; \
    addon=$addons/linux-$(node -p process.arch).node; \
    find $addons -type f ! -path $addon -delete; \
    find node_modules -type f '(' -name '*.ts' -o -name '*.[cm]ts' -o -name '*.map' ')' -delete; \
    rm -r node_modules/better-sqlite3/deps node_modules/better-sqlite3/src package-lock.json .npmrc; \
    mkdir -p ../etc ../usr/local/bin; \
    mkdir -m 1777 ../tmp; \
    mkdir -m 0700 /data; \
    cp /usr/local/bin/node ../usr/local/bin/node; \
    ldd /usr/local/bin/node $addon | grep -o '/lib[^ ]*\.so[^ ]*' | sort -u | xargs -I library cp -L --parents library ..; \
    printf 'node:x:1000:1000::/:\n' > ../etc/passwd; \
    printf 'node:x:1000:\n' > ../etc/group; \
    printf 'hosts: files dns\n' > ../etc/nsswitch.conf; \
    printf '#!/usr/local/bin/node\nimport("/app/src/main.ts");\n' > ../usr/local/bin/relay; \
    find . -type f -exec chmod 0644 {} +; \
    find . -type d -exec chmod 0755 {} +; \
    chmod 0755 ../usr/local/bin/relay
# The image tries itself: without a shell or a library that is missing the demo would print nothing. What node compiled is
# kept for the user and the options that it was compiled for, and is nobody's to write afterwards.
RUN set -eu; \
    mkdir node_modules/.cache; \
    chown 1000:1000 node_modules/.cache; \
    export NODE_OPTIONS="--max-semi-space-size=16 --disable-sigusr1 --import=/app/src/compile-cache.js"; \
    chroot --userspec=1000:1000 /image /usr/local/bin/relay demo --once; \
    chroot --userspec=1000:1000 /image /usr/local/bin/relay --version; \
    rm -rf ../tmp/*; \
    chown -R 0:0 node_modules/.cache; \
    chmod -R u=rwX,go=rX node_modules/.cache

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=1000:1000 /data /data
# What a flood has taken goes back to the system (docs/decisions/0036-idle-memory.md).
ENV PATH=/usr/local/bin \
    NODE_ENV=production \
    MALLOC_TRIM_THRESHOLD_=131072 \
    NODE_OPTIONS="--max-semi-space-size=16 --disable-sigusr1 --import=/app/src/compile-cache.js" \
    RELAY_HOST=0.0.0.0 \
    RELAY_PORT=8080 \
    RELAY_DATABASE=/data/relay.db
WORKDIR /app
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.RELAY_PORT || 8080}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Type stripping: node runs the TypeScript as it is.
CMD ["relay", "serve"]
