# One image for web, worker, beat and relay; which one it is says the command (docker-compose.yml).
FROM python:3.11-slim
WORKDIR /srv/salesorg
COPY requirements.txt package.json package-lock.json .npmrc ./
COPY salesorg/embedded/prepare.py salesorg/embedded/prepare.py
RUN python salesorg/embedded/prepare.py requirements.txt
COPY . .
# The settings want addresses even where nothing is asked of them yet.
RUN SECRET_KEY=only-to-collect-the-static-files-of-this-image DATABASE_URL=postgres:///none REDIS_URL=redis://none \
    .venv/bin/python manage.py collectstatic --no-input
RUN useradd --system salesorg && install --directory --owner salesorg --mode 700 var/media
USER salesorg
CMD ["script/process", "web"]
