"""What ``make run`` adds around the portal: a supervisor of its processes and a catcher of its mails."""
