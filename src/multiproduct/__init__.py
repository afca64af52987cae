"""The core of a company selling software and goods, as a pure domain with ports and adapters."""
