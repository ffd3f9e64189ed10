"""Pages as HTML text, made once per data version from the component trees that Dash shows (ARCHITECTURE.md, "The portal")."""
