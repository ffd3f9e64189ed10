"""Surface water: classes, sections, basins, city index CWQI, trophic state (GB 3838 and its rules)."""
