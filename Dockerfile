# The server as an image for linux/amd64 and linux/arm64: one file on a base without shell and package manager, as a user without a name, on a read-only root file system.
#   docker build -t registry.example.com/fairlead:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.com/fairlead:0.1.0 --push .
# Both bases can be pinned, or come from a mirror:         --build-arg SDK=...@sha256:... --build-arg BASE=...@sha256:...
# A package source of one's own (a NuGet.Config):          --secret id=nuget,src=$HOME/.nuget/NuGet/NuGet.Config
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-noble
# Holds the C library, OpenSSL, certificate authorities. No ICU and no time zones: the server uses neither (InvariantGlobalization; every time is UTC).
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK} AS build
ARG TARGETARCH
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/ src/
RUN --mount=type=secret,id=nuget,target=/source/NuGet.Config \
    dotnet publish src/Fairlead -c Release -a "${TARGETARCH:-$(dpkg --print-architecture)}" --self-contained -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false -p:DebugType=none -o /out

FROM ${BASE}
LABEL org.opencontainers.image.title="Fairlead" \
      org.opencontainers.image.description="Kubernetes access gateway for developer portals" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE NOTICE /usr/share/doc/fairlead/
COPY --from=build /out/fairlead /usr/bin/fairlead
# No port into the process, no dump, no start of its own to close them.
ENV DOTNET_EnableDiagnostics=0
# TLS looks for a home folder; whoever the pod runs as need not be in /etc/passwd.
ENV HOME=/
USER 1654:1654
# http, https, management: those of the chart.
EXPOSE 8080 8443 8090
ENTRYPOINT ["/usr/bin/fairlead"]
CMD ["serve", "--config", "/etc/fairlead/config/fairlead.yaml"]
