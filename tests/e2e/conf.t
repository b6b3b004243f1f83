#!/usr/bin/perl
# A bad configuration is refused with file, line and remedy, all mistakes at once; smsd does not start.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new(up => 0);
my $file = "$hall->{dir}/smsd.yaml";

sub check {
	my ($text) = @_;
	open my $out, '>:encoding(UTF-8)', $file or die "$file: $!\n";
	print $out $text;
	close $out;
	return $hall->run("$Hall::BIN/smsd", '--conf', $file, '--check');
}

my $good = Hall::slurp("$Hall::ROOT/kannel-conf/smsd.yaml");
my ($status, $out, $err) = check($good);
is($status, 0, 'the shipped configuration is right') or diag($err);

($status, $out, $err) = check(<<'EOC');
instance: hall1
prots: ["10086"]
gateways:
  - {name: main, host: 127.0.0.1, port: many}
database:
  conninfo: dbname=hall user=smsd
  connections: 99
seal_key_file: ${NO_SUCH_VARIABLE}
drain: soon
log_level: loud
EOC
is($status, 1, 'a bad one is refused');
like($err, qr/^\Q$file\E:2:1: error: .*did you mean "ports"/m, 'an unknown key, with what was meant');
like($err, qr/^\Q$file\E:4:\d+: error: .*port.*many/m, 'a word where a number belongs');
like($err, qr/^\Q$file\E:7:\d+: error: .*connections.*16/m, 'a number out of bounds, with the bounds');
like($err, qr/^\Q$file\E:8:\d+: error: .*NO_SUCH_VARIABLE/m, 'a variable that is not set');
like($err, qr/^\Q$file\E:9:\d+: error: .*drain/m, 'a duration that is none');
like($err, qr/^\Q$file\E:10:\d+: error: .*log_level.*warn/m, 'a choice, with the list');
like($err, qr/ports/, 'and that a required key is missing');

($status, $out, $err) = check("instance: [\n");
is($status, 1, 'what is no YAML is refused');
like($err, qr/^\Q$file\E:\d+:\d+: error: /m, '… with its place');

($status, $out, $err) = $hall->run("$Hall::BIN/smsd", '-c', "$hall->{dir}/none.yaml", '--check');
is($status, 1, 'a file that is not there is refused');
like($err, qr/none\.yaml/, '… by name');
($status) = $hall->run("$Hall::BIN/smsd", '--no-such-option');
is($status, 2, 'wrong usage is 2');

# What is right as text and wrong in the world: said at the start, with the remedy.
(my $keyless = $good) =~ s/^(\s*seal_key_file:).*/$1 \/no\/such\/key/m;
open my $out_file, '>:encoding(UTF-8)', $file or die "$file: $!\n";
print $out_file $keyless;
close $out_file;
($status, $out, $err) = $hall->run('timeout', 5, "$Hall::BIN/smsd", '-c', $file);
is($status, 1, 'a missing key stops the start');
like($err, qr{/no/such/key.*smsctl db key}, '… and says how to make it');
done_testing;
