/* phone - a handset on the simulated message centre (`smsctl phone`): sends texts through the real
 * gateway and shows the answers.  Speaks the control protocol of tests/smsc. */
#pragma once

/* argv[0] is the name for messages.  0: answered; 1: no answer in time, refused, or no message
 * centre; 2: wrong usage (argp ends the process itself). */
int phone_main(int argc, char **argv);
