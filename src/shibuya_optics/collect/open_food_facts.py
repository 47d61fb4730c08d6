"""Open Food Facts: what product a barcode is listed as (https://world.openfoodfacts.org, data under the ODbL).

It is asked only where somebody asks for it, and only the barcode is sent.
"""

from __future__ import annotations

import json
import os
from http import HTTPStatus
from http.client import HTTPException
from importlib.metadata import version
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from shibuya_optics.errors import ListingError
from shibuya_optics.records import printable

HOST = "https://world.openfoodfacts.org"
HOST_VARIABLE = "OPTICS_LISTINGS"
TIMEOUT_SECONDS = 10
MOST_BYTES = 1 << 20
LONGEST = 120


def listed(gtin: str) -> str | None:
    """The name and brand under which a GTIN of 14 digits is listed, as one line; None where it is not.

    The address of the service is taken from the variable `OPTICS_LISTINGS` where that is set.

    Raises:
        ListingError: the service cannot be reached, asks to wait, or answers something else than agreed.
    """
    host = os.environ.get(HOST_VARIABLE, HOST).rstrip("/")
    # Up to 13 digits it knows codes without the zeros that fill them up.
    address = f"{host}/api/v2/product/{gtin.lstrip('0').zfill(8)}?fields=code,product_name,brands"
    try:
        request = Request(address, headers={"User-Agent": f"shibuya-optics/{version('shibuya-optics')}"})  # noqa: S310 - http(s) only
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            document = json.loads(answer.read(MOST_BYTES))
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return None
        wait = "it asks to wait a minute" if error.code in {503, 429} else f"it answers {error.code}"
        raise ListingError(f"Open Food Facts at {host} does not tell ({wait}): try again later.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise ListingError(f"Open Food Facts at {host} cannot be asked ({error}): check the network.") from error
    return _named(document, host)


def _named(document: object, host: str) -> str | None:
    if not isinstance(document, dict) or not isinstance(document.get("product", {}), dict):
        raise ListingError(f"Open Food Facts at {host} answers something else than agreed: update shibuya-optics.")
    product = document.get("product", {})
    parts = [printable(str(product[key])) for key in ("product_name", "brands") if product.get(key)]
    return ", ".join(parts)[:LONGEST] if document.get("status") and parts else None
