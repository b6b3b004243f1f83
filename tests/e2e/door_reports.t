#!/usr/bin/perl
# What reports say of messages that nobody asked for: failures that pass are sent again and delivered then; numbers that
# nothing reaches are left alone until something does; states are ranked, whatever comes first; silence has an end.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00', resend_after = '1 second'});

# A message behind the door; its id.
sub put {
	my ($who, $text, $class) = @_;
	$class //= 'service';
	my $id = $hall->sql('SELECT gen_random_uuid()');
	$hall->sql("SELECT hall.door_put(ARRAY['$who'], ARRAY['$id'::uuid], '$class', 'reminder', ARRAY['$id'::uuid], 'care.test v1', ARRAY['$text'],
		ARRAY['zh'], ARRAY[1::smallint], '10086', 1, now())");
	return $id;
}
sub row { my ($id) = @_; return $hall->sql("SELECT concat_ws(' ', state, why, again) FROM hall.mt WHERE id = '$id'") }
sub becomes {
	my ($id, $re, $what) = @_;
	my $row;
	ok($hall->wait_until(60, sub { ($row = row($id)) =~ $re }), $what) or diag "it is: $row";
}
sub order { my ($what) = @_; my $l = $hall->line; $l->send($what); $l->expect(qr/^(OK|ERROR)/, 5) =~ /^OK/ or die "$what\n"; return }
sub trace { my ($who) = @_; my ($rc, $out, $err) = $hall->smsctl('trace', $who, '--since', '7d'); return $out . $err }

# Delivered at once, by the connection for what nobody asked for; its report comes back by it.
my $line = $hall->ear('13800138000');
my $id = put('13800138000', '您好1');
is($line->heard(30), '您好1', 'a message');
becomes($id, qr/^delivered$/, '… is delivered');
is($hall->metrics->{smsd_box_up}, 2, 'there are two connections to bearerbox');

# A failure that passes.
order('DLR fail 27');
$id = put('13800138000', '您好2');
is($line->heard(30), '您好2', 'one that the handset is off for');
ok($hall->wait_until(60, sub { $hall->metrics->{smsd_resent_total} >= 1 }), '… is put back');
order('DLR on');
is($line->heard(60), '您好2', '… and sent again');
becomes($id, qr/^delivered [123]$/, '… until it is delivered');
is($hall->sql("SELECT count(*) FROM hall.held WHERE id = '$id'"), 0, 'and waits no more');
like(trace('13800138000'), qr/delivered.*sent again/, 'trace says how often') or diag trace('13800138000');

# As often as its class allows.
order('DLR fail expired');
$hall->sql(q{UPDATE hall.message_class SET resends = 1 WHERE class = 'service'});
$id = put('13800138001', '您好3');
becomes($id, qr/^failed .*EXPIRED.* 1$/, 'one that is never reached has failed after so many times');

# Never again where nobody is.
order('DLR fail 1');
my $lost = $hall->ear('13800138002');
for my $n (1 .. 3) {
	$id = put('13800138002', "您好4$n");
	becomes($id, qr/^failed .*UNDELIV err:001/, "a number that does not exist, $n");
}
is($hall->sql(q{SELECT failures || ' ' || why FROM hall.suppressed WHERE msisdn = '13800138002'}), '3 UNDELIV 001', 'three in a row');
order('DLR on');
$id = put('13800138002', '您好45');
becomes($id, qr/^refused suppressed$/, '… and it is left alone');
like(trace('13800138002'), qr/refused.*nothing reaches/, 'trace says why') or diag trace('13800138002');
sleep 1.1;	# the gateway counts texts in whole seconds
like($hall->answer('13800138002', 'YE'), qr/./, 'a text comes from it');
$id = put('13800138002', '您好46');
becomes($id, qr/^delivered$/, '… so that it is sent to again');

# Refused by the message centre itself, for good.
order('REJECT 1 11');
$id = put('13800138003', '您好5');
becomes($id, qr/^(rejected|failed) .*0x0000000b/i, 'a number that the message centre refuses');
order('REJECT 0');

# In any order.
sub report {
	my ($id, $state, $why) = @_;
	my $q = Hall::slurp("$Hall::ROOT/sql/queries/mt_state.sql");
	my ($who, $at) = split /[|]/, $hall->sql("SELECT msisdn, at FROM hall.mt WHERE id = '$id'");
	$why = defined $why ? "'$why'" : 'NULL';
	$hall->sql("PREPARE q AS $q; EXECUTE q (ARRAY['$who'], ARRAY['$at'::timestamptz], ARRAY['$id'::uuid], ARRAY['$state'], ARRAY[$why]::text[],
		'-infinity', 'infinity')");
	return row($id);
}
order('DLR off');
$id = put('13800138004', '您好6');
becomes($id, qr/^queued$/, 'one without a report');
is(report($id, 'buffered', 'later'), 'buffered later', 'it is kept by the message centre');
is(report($id, 'accepted'), 'buffered later', 'a late report of less changes nothing');
is(report($id, 'delivered'), 'delivered', 'delivered');
is(report($id, 'buffered', 'later'), 'delivered', 'and stays so');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00', resend_after = '1 hour', resends = 3 WHERE class = 'service'});
order('DLR fail 27');
$id = put('13800138004', '您好7');
becomes($id, qr/^held resend UNDELIV 027 1$/, 'one that waits to be sent again');
like(trace('13800138004'), qr/held.*failed for now.*UNDELIV 027.*again/, 'trace says so') or diag trace('13800138004');
is(report($id, 'buffered', 'later'), 'held resend UNDELIV 027 1', 'does not heed a late report of less');
is(report($id, 'delivered'), 'delivered 1', 'but that it was delivered after all');
$hall->sql(q{UPDATE hall.held SET due = now()});
ok($hall->wait_until(60, sub { !$hall->sql('SELECT count(*) FROM hall.held') }), 'then it is not sent again');
is(row($id), 'delivered 1', '… nor is its state another');

# Silence has an end.
order('DLR off');
$id = put('13800138005', '您好8');
becomes($id, qr/^queued$/, 'one of which nothing is heard');
$hall->sql(qq{UPDATE hall.mt SET at = at - interval '4 days', batch = batch - 4 * 86400000000 WHERE id = '$id';
	UPDATE hall.silence SET upto = (SELECT batch FROM hall.mt WHERE id = '$id') - 3600000000});
becomes($id, qr/^queued no_report$/, '… is marked when its time is over');
like(trace('13800138005'), qr/no report came/, 'trace says so') or diag trace('13800138005');
is($hall->metrics->{smsd_no_report_total}, 1, 'it is counted');
is(report($id, 'delivered'), 'delivered', 'a report that comes after all counts');
done_testing;
