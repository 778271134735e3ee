# docker build -t meshlint . && docker run --rm -v "$PWD:/repository:ro" meshlint
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo install --locked --path . --root /out

# Not `scratch`: GitLab and others run the steps of a job in a shell of the image.
FROM alpine:3.22
COPY --from=build /out/bin/meshlint /usr/local/bin/meshlint
USER 65534:65534
WORKDIR /repository
ENTRYPOINT ["meshlint"]
CMD ["check"]
