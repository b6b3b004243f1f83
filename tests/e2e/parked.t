#!/usr/bin/perl
# A text whose command fails by an error of ours: its sender gets an apology, it is parked, and a person can look at
# it, run it again once the table is mended, or drop it.  Others in its batch are not hurt.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Division;
use Hall;
use Test::More;

my $broken = Division::table();
my $mended = Division::table(sql => q{SELECT 'ok' AS outcome, coalesce(100 / nullif(CAST(:n AS integer), 0), 0) AS q});

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('division.yaml' => $broken);
is($hall->answer('13800138000', 'DIVIDE 4'), '得25', 'a good one is answered');

# Many at once, of which two fail.
my $line = $hall->ear('*');
my %say = map { ("1390000000$_" => $_ == 3 || $_ == 7 ? 'DIVIDE 0' : "DIVIDE $_") } 1 .. 9;
$line->send_text($_, '10086', $say{$_}) for sort keys %say;
my %got;
while (keys %got < 9 and defined(my $l = $line->next(15))) {
	my $mt = $line->parse_mt($l) or next;
	push @{$got{$mt->{to}}}, $mt->{text};
}
is(scalar keys %got, 9, 'all nine are answered');
for my $n (grep { $_ != 3 && $_ != 7 } 1 .. 9) {
	is_deeply($got{"1390000000$n"}, ['得' . int(100 / $n)], "DIVIDE $n is not hurt by the others");
}
my ($apology) = @{$got{13900000003} // []};
unlike($apology, qr/得/, 'the failed one gets something else: an apology');
is_deeply($got{13900000007}, [$apology], '… the other one too');
ok(!(grep { /division by zero|22012/ } $apology), '… which does not show the error');

my ($rc, $out, $err) = $hall->smsctl('parked', 'list');
is($rc, 0, 'parked list') or diag($err);
my @rows = grep { /DIVIDE 0/ } split /\n/, $out;
is(scalar @rows, 2, '… shows both');
like($rows[0], qr/22012.*division by zero|division by zero.*22012/, '… with the error') or diag($out);
like($rows[0], qr/139\*\*\*\*000[37]/, '… and the number masked');
is($hall->metrics->{smsd_parked_total}, 2, 'the metric too');
my %id = map { split /\|/ } $hall->sql('SELECT msisdn, id FROM hall.parked');
($rc, $out) = $hall->smsctl('parked', 'show', $id{13900000003});
is($rc, 0, 'parked show');
like($out, qr/division\.divide/, '… names the command');
($rc, $out, $err) = $hall->smsctl('parked', 'show', '00000000-0000-0000-0000-000000000000');
is($rc, 1, 'an unknown id is refused');

# Again, while the table is as broken as before.
($rc, $out, $err) = $hall->smsctl('parked', 'retry', $id{13900000003});
is($rc, 1, 'a retry fails while the cause is there') or diag($out, $err);
is(scalar $hall->sql("SELECT state FROM hall.parked WHERE id = '$id{13900000003}'"), 'parked', '… it stays parked');
is(scalar $hall->sql("SELECT attempt FROM hall.parked WHERE id = '$id{13900000003}'"), 1, '… the attempt is counted');
is($line->expect(qr/^MT 13900000003 /, 1), undef, '… and no second apology goes out');

# And when it is mended.
$hall->apply('division.yaml' => $mended);
($rc, $out, $err) = $hall->smsctl('parked', 'retry', $id{13900000003});
is($rc, 0, 'with the table mended the retry succeeds') or diag($out, $err);
like($line->expect(qr/^MT 13900000003 /, 10) // '', qr/得0$/, '… and the customer has his answer');
is(scalar $hall->sql("SELECT state FROM hall.parked WHERE id = '$id{13900000003}'"), 'done', '… it is done');
is(scalar $hall->sql(q{SELECT changed_by <> '' FROM hall.parked WHERE state = 'done'}), 't', '… and who did it is known');

($rc, $out, $err) = $hall->smsctl('parked', 'drop', $id{13900000007}, '--why', 'a joke');
is($rc, 0, 'the other one is dropped') or diag($err);
is($line->expect(qr/^MT 13900000007 /, 1), undef, '… without a word to its sender');
($rc, $out) = $hall->smsctl('parked', 'list');
unlike($out, qr/DIVIDE/, 'nothing is left to look at');
is($hall->answer('13800138000', 'DIVIDE 0'), '得0', 'and the command works');
done_testing;
