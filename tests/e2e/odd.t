#!/usr/bin/perl
# Odd octets from the radio side, trouble on every side, and an orderly end, with the sanitizers watching smsd: nothing but
# answers and clean logs may come of it.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
BEGIN { $ENV{HALL_BIN} //= "$FindBin::Bin/../../build/san" }
use Flood;
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my $line = $hall->ear('*');

# RAW from to data_coding udh-hex|- hex
my @raw = (
	['8 -', 'd83d'], ['8 -', 'dc4ddc4d'], ['8 -', '4f6059'], ['8 -', '0000'], ['8 -', 'feff4f60597d'], ['8 -', '00'],
	['0 -', '1b'], ['0 -', '1b65'], ['0 -', '00000000'], ['0 -', 'ff80'], ['0 -', '0d0a0a0d'],
	['4 -', 'deadbeef'], ['3 -', 'e9e8'], ['246 -', '0102'], ['1 -', '5945'],
	['0 00', '5945'], ['0 ff', '5945'], ['0 050003', '5945'], ['0 0500030000', '5945'], ['0 050003010100', '5945'],
	['0 050003010105', '5945'], ['8 050003020203', '4f60'], ['8 050003030200', '4f60'], ['0 06080401000101', '5945'],
	['8 06080401000201', '4f60'], ['0 0b0504158a0000', '5945'], ['4 0605041581158a', 'ffff'],
);
my $n = 0;
for (@raw) {
	my ($how, $octets) = @$_;
	$line->send(sprintf 'RAW 1350000%04d 10086 %s %s', $n++, $how, $octets);
}
for my $text ('', ' ', "\0", '%s%n%x', "'; DROP TABLE hall.mo; --", '{{balance}}', '${HOME}', '\\', '\\x00', '"', "\x{FFFF}", "\x{200B}YE\x{200B}",
	"Y\x{0301}E", "\x{202E}EY", '𠮷𠮷', 'CZ ' . '1' x 300, 'KT ' . '彩' x 400, 'BM ' . '👍' x 90, 'ZD 99999999999999999999', 'ZD -1', 'ZD 2026-13',
	'A' x 1500, "\n" x 50, 'YE ' x 100) {
	$line->send_text(sprintf('1350000%04d', $n++), '10086', $text);
}
ok($line->expect(qr/^ACCEPTED/, 10), 'odd texts go in');
# Two parts of one text, the second first; then a text of one part too few, which must not hold up its sender.
$line->send('RAW 13600000001 10086 8 050003070202 4f59989d', 'RAW 13600000001 10086 8 050003070201 67e5');
ok($line->expect(qr/^MT 13600000001 /, 15), 'parts in the wrong order are answered');
is(scalar $hall->sql(q{SELECT string_agg(text, ' ') FROM hall.mo WHERE msisdn = '13600000001'}), '查余额', '… as one text');
$line->send('RAW 13600000002 10086 8 050003080201 67e5', 'SEND 13600000002 10086 YE');
ok($line->expect(qr/^MT 13600000002 /, 15), 'a part that misses its other half holds nobody up');
like($hall->answer('13800138000', 'YE'), qr/86\.50/, 'and the hall answers as before');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
is(scalar $hall->sql(q{SELECT count(*) FROM hall.mo WHERE outcome = 'error'}), 0, 'nothing failed');

# The SMSC's own trouble.
$line->send('DUP on');
my @twice = $hall->ask('13800138001', 'KT SJB', settle => 1);
$line->send('DUP off');
is(scalar $hall->sql(q{SELECT count(*) FROM bss.payment WHERE msisdn = '13800138001'}), 0, 'a text that came twice costs nothing twice');
$line->send('RESET', 'DROP');
like($hall->answer('13800138000', 'YE', timeout => 20), qr/86\.50/, 'a link that fell comes back');

# Everything at once, and the end.
my $flood = Flood->new($hall, texts => 1000);
$flood->send;
$flood->answered(100);
$line->send('DROP');
$hall->kill('pg');
$hall->start('pg');
$flood->finish(60);
$flood->check_books;
my $pid = $hall->pid('smsd');
CORE::kill('TERM', $pid);
ok($hall->wait_gone('smsd', 15), 'smsd ends');
my $log = $hall->log('smsd');
like((split /\n/, $log)[-1], qr/event=ended/, '… as asked, without leaks');
my @found = grep { /Sanitizer|runtime error|Assertion/ } split /\n/, $log;
is(scalar @found, 0, 'and the sanitizers found nothing') or diag(join "\n", splice @found, 0, 5);
$hall->stack('stop', 'smsc');
@found = grep { /Sanitizer|runtime error|Assertion/ } split /\n/, $hall->log('smsc');
is(scalar @found, 0, '… nor in the SMSC') or diag(join "\n", splice @found, 0, 5);
done_testing;
