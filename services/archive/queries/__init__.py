"""What can be asked of the record. Every query takes who asks, and gives what they may see as frozen data."""
