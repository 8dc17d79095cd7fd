"""What a delivery is: conform, retiming, formats, sizes, names."""
