"""Request bodies to files: streamed to disk under a size cap, so that memory does not grow with the file."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from datahub.i18n import Text
from datahub.web.problems import RequestError, TooLargeError

CHUNK = 1 << 20


@dataclass(frozen=True)
class Upload:
    """A body on disk: its media type and file name as the sender gave them, and the other fields of its form."""

    path: Path
    media_type: str | None
    filename: str | None
    fields: dict[str, str]


def is_form(request: Request) -> bool:
    """Whether the body is a form around a file (RFC 7578)."""
    return _media(request) == "multipart/form-data"


def _media(request: Request) -> str | None:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() or None


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        "body-too-large",
        Text(
            "The file is larger than the {size} MB that this hub takes in one push.",
            "Le fichier dépasse les {size} Mo que ce hub accepte en un envoi.",
        ).format(size=max(limit >> 20, 1)),
        Text(
            "Send it in parts with mode=delta, or ask the operators to raise the limit.",
            "Envoyez-le en plusieurs parties avec mode=delta, ou demandez aux gestionnaires de relever la limite.",
        ),
    )


@asynccontextmanager
async def received(request: Request, limit: int) -> AsyncIterator[Upload]:
    """The body of ``request`` in a temporary folder that is removed afterwards.

    A raw body is taken as it is; a ``multipart/form-data`` body must hold one file. Raises `TooLargeError` beyond ``limit``
    bytes, as soon as that is known, and `RequestError` where there is no file.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit + CHUNK:
        raise _too_large(limit)
    media = _media(request)
    with tempfile.TemporaryDirectory(prefix="datahub-push-") as folder:
        path = Path(folder) / "body"
        if is_form(request):
            yield await _from_form(request, path, limit)
        else:
            size = 0
            with path.open("wb") as file:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > limit:
                        raise _too_large(limit)
                    file.write(chunk)
            # What curl says of any file when it is not told better tells nothing about the file.
            yield Upload(path, None if media == "application/x-www-form-urlencoded" else media, None, {})


async def _from_form(request: Request, path: Path, limit: int) -> Upload:
    size = 0
    receive = request.receive

    async def capped() -> dict[str, object]:
        nonlocal size
        message = dict(await receive())
        body = message.get("body", b"")
        size += len(body) if isinstance(body, bytes) else 0
        if size > limit + CHUNK:
            raise _too_large(limit)
        return message

    bounded = Request(request.scope, capped)
    try:
        form = await bounded.form(max_files=1, max_fields=20)
    except (MultiPartException, HTTPException, AssertionError, KeyError) as error:
        raise _no_file() from error
    try:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files or not files[0].filename:
            raise _no_file()
        with path.open("wb") as out:
            while chunk := await files[0].read(CHUNK):
                out.write(chunk)
        media = files[0].content_type
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return Upload(path, media, _safe_name(files[0].filename), fields)
    finally:
        await form.close()


def _no_file() -> RequestError:
    return RequestError(
        "no-file",
        Text("The form holds no file.", "Le formulaire ne contient pas de fichier."),
        Text("Choose the file to push, and send again.", "Choisissez le fichier à envoyer, puis recommencez."),
    )


def _safe_name(name: str | None) -> str | None:
    return Path(name.replace("\\", "/")).name[:200] or None if name else None
