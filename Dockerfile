# syntax=docker/dockerfile:1
# Two stages: a Debian 12 machine with the compiler, and one with what the program needs to run.
#
#   docker build -t xprober .
#   docker run -v "$PWD/server.yaml:/etc/xprober/server.yaml:ro" -v xprober-server:/var/lib/xprober-server \
#     --read-only --cap-drop ALL -p 6001:6001 -p 6002:6002 xprober server --config /etc/xprober/server.yaml
#   docker run -v "$PWD/agent.yaml:/etc/xprober/agent.yaml:ro" -v xprober:/var/lib/xprober --read-only \
#     --cap-drop ALL --cap-add NET_RAW --entrypoint /usr/bin/xprober-raw xprober \
#     agent --config /etc/xprober/agent.yaml
#
# The user has the number 65532. `xprober-raw` is the same program with the file capability that raw
# sockets need; it starts only where the container has NET_RAW, and no `no-new-privileges` takes it away.
# `xprober` needs nothing: its ICMP goes through the ping group, which Docker opens in each container
# (net.ipv4.ping_group_range); then errors of ICMP (unreachable, TTL exceeded) are not seen for all targets.

FROM debian:12-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /src
# First what seldom changes, so that it is kept between builds.
COPY scripts/install-deps.sh scripts/
RUN scripts/install-deps.sh build && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json dev ./
COPY cmake cmake
COPY include include
COPY src src
COPY web web
COPY bench bench
RUN cmake --preset release -DXPROBER_TESTS=OFF && cmake --build --preset release --target xprober
# The packages with the libraries that the program was linked to: nothing is listed twice.
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN ldd build/release/xprober | awk '$3 ~ /^\// {print $3}' | xargs -n 1 basename \
      | xargs -I '{}' dpkg-query -S '*/{}' | cut -d: -f1 | sort -u >runtime-packages

FROM debian:12-slim
RUN --mount=type=bind,from=build,source=/src/runtime-packages,target=/runtime-packages \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive xargs -a /runtime-packages apt-get install -y --no-install-recommends \
         ca-certificates libcap2-bin libsystemd0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 65532 xprober \
    && useradd --system --uid 65532 --gid xprober --home-dir /nonexistent --shell /usr/sbin/nologin xprober \
    && install -d -m 0700 -o xprober -g xprober /var/lib/xprober /var/lib/xprober-server
COPY --from=build /src/build/release/xprober /usr/bin/xprober
COPY LICENSE /usr/share/doc/xprober/LICENSE
COPY config /etc/xprober
RUN cp /usr/bin/xprober /usr/bin/xprober-raw && setcap cap_net_raw+ep /usr/bin/xprober-raw
USER 65532:65532
VOLUME ["/var/lib/xprober", "/var/lib/xprober-server"]
EXPOSE 6001 6002 8087
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/xprober"]
CMD ["--help"]
