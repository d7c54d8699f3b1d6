# The studio on a processor. Build: docker compose build. Start: docker compose up.
FROM python:3.13-slim AS build
ENV UV_TORCH_BACKEND=cpu UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /source
COPY . .
RUN python -m venv /artcnn \
    && uv pip install --no-cache --python /artcnn/bin/python '.[studio,video,go,speech,report,heic,classifier]'

FROM python:3.13-slim
RUN useradd --create-home --uid 1000 artist \
    && install --directory --owner artist --mode 700 /studio
COPY --from=build /artcnn /artcnn
USER 1000
VOLUME /studio
EXPOSE 8000
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["/artcnn/bin/artcnn"]
CMD ["studio", "--host", "0.0.0.0", "--port", "8000", "--no-browser", "--folder", "/studio"]
