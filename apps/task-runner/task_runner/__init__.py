"""The page: starts computations as background tasks and shows how they are doing."""
