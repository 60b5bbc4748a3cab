# uWebSockets.js for Node 24 needs glibc 2.38, so Debian 13 (trixie).
FROM node:24-trixie-slim AS build
WORKDIR /app
# For better-sqlite3, where its prebuilt binary cannot be downloaded.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-trixie-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
RUN mkdir .data && chown node:node .data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
VOLUME /app/.data
# The API, and the sandbox's phones.
EXPOSE 3000 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without a bot token the sandbox, as npm start does.
CMD ["sh", "-c", "if [ -n \"$TELEGRAM_BOT_TOKEN\" ]; then exec node --max-semi-space-size=32 dist/src/main.js; else exec node --max-semi-space-size=32 dist/sandbox/main.js; fi"]
