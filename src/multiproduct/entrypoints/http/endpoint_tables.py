"""Every endpoint of the service: the tables of all contexts, one after the other."""

from collections.abc import Sequence

from multiproduct.entrypoints.http import identity
from multiproduct.entrypoints.http.endpoints import Endpoint

ENDPOINTS: Sequence[Endpoint] = (*identity.ENDPOINTS,)
