SELECT hall.partition_ahead()
