"""Who is who: proposals of one frame associated to persons, persons linked to tracks."""
