#!/usr/bin/perl
# blast_desk.t - `smsctl blast` before anything is sent: lists as offices write them, with what is wrong in them; segments
# and what they may not do; texts against columns; two people; what a change costs.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
$hall->sql($_) for 'CREATE ROLE liu LOGIN IN ROLE hall_author', 'CREATE ROLE zhao LOGIN IN ROLE hall_author, hall_approver',
	'CREATE ROLE chen LOGIN IN ROLE hall_approver', 'CREATE ROLE sun LOGIN IN ROLE hall_viewer', 'CREATE ROLE nobody_special LOGIN';

sub as { my ($who, @arg) = @_; return $hall->run('env', "PGUSER=$who", "$Hall::BIN/smsctl", 'blast', @arg) }

# Octets into a file of the hall's folder.
sub file {
	my ($name, $octets) = @_;
	my $path = "$hall->{dir}/$name";
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out utf8::is_utf8($octets) ? encode('UTF-8', $octets) : $octets;
	close $out or die "$path: $!\n";
	return $path;
}

sub json { my ($out) = @_; return JSON::PP->new->decode($out) }

sub show { my ($name) = @_; my (undef, $out) = as('liu', 'show', $name, '--json'); return json($out) }

my $zh = file('zh.txt', "{{name}}您好，畅享{{price|yuan}}元\n");
my $en = file('en.txt', "Hello {{name}}, only {{price|yuan}} yuan\n");
my @texts = ('--text-zh', $zh, '--text-en', $en);
my ($status, $out, $err);

# ---- lists

my $good = file('good.csv', "msisdn,lang,name,price\n13800138000,,李雷,58\n+86 138-0013-8001,en,\"Han, Meimei\",9.5\n");
($status, $out, $err) = as('liu', 'new', 'spring', '--class', 'notice', @texts, '--csv', $good, '--control', '10%', '--spread', '3d');
is($status, 0, 'a blast is made of two texts and a list') or diag($out, $err);
like($out, qr/good\.csv \(UTF-8, separated by commas\): 2 rows, 2 taken; the list has 2\nspring is a draft/, 'in words');
is($hall->sql(q{SELECT string_agg(concat_ws(' ', n, msisdn, coalesce(lang, '-'), data[1], data[2]), '; ' ORDER BY n) FROM hall.blast_recipient}),
	'1 13800138000 - 李雷 58; 2 13800138001 en Han, Meimei 9.5', 'the list is as in the file');
is_deeply([@{show('spring')}{qw(state author control columns recipients spread)}],
	['draft', 'liu', 10, ['name', 'price'], 2, '3 days'], 'and all else as given');
($status, $out, $err) = as('liu', 'new', 'spring', '--class', 'notice');
is("$status $err", "1 smsctl blast: name: there is a blast spring already (choose another name, or change that one with smsctl blast edit)\n",
	'a name is taken once');

my $bad = file('bad.csv', <<'LIST');
msisdn,lang,name,price
13800138000,zh,李,58
1380013800,zh,x,58
13800138000,en,twice,58
13800138002,fr,x,58
13800138003,zh,,58
13800138004,zh,x
13800138005,zh,"x,58
13800138006,zh,王,9
LIST
($status, $out, $err) = as('liu', 'new', 'bad', '--class', 'notice', @texts, '--csv', $bad);
is($status, 1, 'a list with bad rows is refused');
is($err, <<"SAID", 'each with its line and reason, then the counts and the remedy');
$bad:3: bad number: 1380****00 is no subscriber number (11 digits that begin with 13 to 19, or + and the country)
$bad:4: duplicate: 138****8000 stands in line 2 already
$bad:5: bad language: "fr" is no language (write zh or en, or leave it empty)
$bad:6: empty value: name is empty, and the text uses it
$bad:7: wrong column count: 3 columns where the header has 4
$bad:8: bad quotes: quotes that do not match (write "" for a quote inside a quoted value)
smsctl blast: $bad: 6 of 8 rows are bad (1 bad number, 1 duplicate, 1 wrong column count, 1 bad language, 1 empty value, 1 bad quotes), so that nothing was changed (mend them, or take the 2 good ones with --keep-good)
SAID
is($hall->sql(q{SELECT count(*) FROM hall.blast WHERE name = 'bad'}), 0, 'and no blast was made');
is($hall->sql('SELECT count(*) FROM hall.blast_load'), 0, 'nor anything left behind');

my $errors = "$hall->{dir}/errors.csv";
($status, $out, $err) = as('liu', 'new', 'bad', '--class', 'notice', @texts, '--csv', $bad, '--keep-good', '--errors', $errors, '--json');
is($status, 0, '--keep-good takes the good rows') or diag($err);
my $made = json($out);
is_deeply([@$made{qw(rows added recipients)}], [8, 2, 2], 'as it says');
is_deeply($made->{bad}, { 'bad number' => 1, duplicate => 1, 'wrong column count' => 1, 'bad language' => 1, 'empty value' => 1,
	'bad quotes' => 1 }, 'with the reasons counted');
is(scalar(split /\n/, Hall::slurp($errors)), 7, '--errors lists all bad rows');
like(Hall::slurp($errors), qr/^4,duplicate,"138\*\*\*\*8000 stands in line 2 already"$/m, 'by line, masked');

my $many = file('many.csv', "msisdn\n" . join '', map { "1380013$_\n" } 100 .. 130);
($status, $out, $err) = as('liu', 'new', 'many', '--class', 'notice', '--csv', $many);
is(scalar(() = $err =~ /^\Q$many\E:\d+: bad number/mg), 20, 'of many bad rows the first twenty are shown');
like($err, qr/: … and 11 more \(--errors FILE lists them all\)$/m, 'and the rest counted');

for my $case (['no msisdn', "number,name\n", qr/:1: no column msisdn \(the first line names the columns; call the one with the numbers msisdn\)/],
		['an empty file', '', qr/:1: the file is empty/], ['a column twice', "msisdn,a,A\n", qr/:1: the column a stands there twice/],
		['no rows', "msisdn,name,price\n", qr/nobody is on the list \(0 rows, not one to take\)/]) {
	my ($what, $content, $re) = @$case;
	($status, $out, $err) = as('liu', 'new', 'x', '--class', 'notice', '--csv', file('x.csv', $content));
	is($status, 1, "refused: $what");
	like($err, $re, 'with file, line and remedy');
}
($status, $out, $err) = as('liu', 'new', 'x', '--class', 'notice', '--csv', "$hall->{dir}/none.csv");
like($err, qr/none\.csv: No such file or directory/, 'a file that is not there');

my $rows = "msisdn;name;price\r\n13800138000;李雷;58\r\n13800138001;韩;9\r\n";
for my $encoding ('UTF-8', 'UTF-16LE', 'UTF-16BE', 'GB18030') {
	for my $mark ('', $encoding eq 'GB18030' ? () : "\x{FEFF}") {
		($status, $out, $err) = as('liu', 'edit', 'bad', '--csv', file('e.csv',
			$encoding eq 'GB18030' ? octets_gb($rows) : encode($encoding, $mark . $rows)));
		is($status, 0, "$encoding" . ($mark && ' with its mark')) or diag($err);
		like($out, qr/\($encoding, separated by semicolons\): 2 rows, 2 taken; the list has 2$/m, 'is told, and replaces the list');
		is($hall->sql(q{SELECT data[1] FROM hall.blast_recipient r JOIN hall.blast b ON b.id = r.blast AND b.name = 'bad' WHERE n = 1}),
			'李雷', 'and read');
	}
}

# Perl's own knows GBK, which is the same for these.
sub octets_gb { my ($text) = @_; return encode('cp936', $text) }

($status, $out, $err) = as('liu', 'edit', 'bad', '--add', '--csv', file('more.csv', "msisdn,name,price\n13800138001,x,1\n13800138009,y,2\n"));
is($status, 1, 'who is on the list is not added to it again');
like($err, qr/more\.csv:2: stands on the list already$/m, 'with the line');
($status, $out) = as('liu', 'edit', 'bad', '--add', '--keep-good', '--csv', "$hall->{dir}/more.csv");
like($out, qr/2 rows, 1 taken, 1 on the list already; the list has 3/, 'unless the good ones are wanted');
($status, $out, $err) = as('liu', 'edit', 'bad', '--add', '--csv', file('other.csv', "msisdn,price,name\n13800138003,1,x\n"));
like($err, qr/its columns are not those of the list/, 'a list of other columns cannot be added');

# ---- texts

($status, $out, $err) = as('liu', 'edit', 'spring', '--text-zh', file('w.txt', "您好\n{{nmae}}"), '--text-en', $en);
is($status, 1, 'a name that is no column is refused');
like($err, qr/w\.txt:2:3: error: unknown name "nmae": did you mean "name"\?/, 'with file, line, character and the one that was meant');
is(show('spring')->{texts}{A}{zh}, '{{name}}您好，畅享{{price|yuan}}元', 'and nothing changed');
my $yaml = file('t.yaml', "A:\n  share: 70\n  zh: 甲{{name}}\n  en: a {{name}}\nB:\n  share: 30\n  zh: 乙{{name}}\n  en: b {{nome}}\n");
($status, $out, $err) = as('liu', 'edit', 'spring', '--texts', $yaml);
like($err, qr/t\.yaml:8:\d+: error: unknown name "nome"/, 'in a file of YAML too');
my ($one, $two) = map { file("$_.yaml", "zh: $_ {{name}}\nen: $_ {{name}}\n") } qw(a b);
($status, $out, $err) = as('liu', 'edit', 'spring', '--ab', "A=$one:70,B=$two:30");
is($status, 0, 'variants to compare') or diag($err);
is_deeply(show('spring')->{variants}, { A => 70, B => 30 }, 'with their shares');
for my $case (["A=$one", qr/--ab "A=.*" is no NAME=FILE:SHARE \(as A=a\.yaml:50\)/], ["A=$one:0", qr/is no NAME=FILE:SHARE/],
		["A=$one:50,A=$two:50", qr/the variant A stands there twice/], ["A=$one:50,B=/none.yaml:50", qr{/none\.yaml: No such file}]) {
	($status, $out, $err) = as('liu', 'edit', 'spring', '--ab', $case->[0]);
	like("$status $err", qr/^1 .*$case->[1]/, 'variants that are none');
}
($status, $out, $err) = as('liu', 'edit', 'spring', '--texts', file('half.yaml', "zh: 您好\n"));
like($err, qr/half\.yaml:1:1: no text in en \(both languages are needed/, 'both languages are needed');
($status, $out, $err) = as('liu', 'edit', 'spring', '--text-zh', $zh);
is($status, 2, 'on the command line too');

# An empty value is bad where a text would have a gap; a text may say what stands there instead.
my $gap = file('gap.csv', "msisdn,name\n13800138000,\n13800138001,x\n");
my @or = ('--text-zh', file('or.txt', '{{name|or:客户}}您好{{#name}}，{{name}}{{/name}}'), '--text-en', file('or_en.txt', 'Hello {{name|or:there}}'));
my @bare = ('--text-zh', file('bare.txt', '{{ name }}您好'), '--text-en', "$hall->{dir}/or_en.txt");
($status, $out, $err) = as('liu', 'new', 'gap', '--class', 'notice', @bare, '--csv', $gap);
like($err, qr/gap\.csv:2: empty value: name is empty, and the text uses it/, 'a gap is refused');
($status, $out, $err) = as('liu', 'new', 'gap', '--class', 'notice', @or, '--csv', $gap);
is($status, 0, 'what a text provides for is taken') or diag($err);
as('liu', 'edit', 'gap', @bare);
($status, $out, $err) = as('liu', 'submit', 'gap');
is("$status $err", "1 smsctl blast: name is empty for 1 of the recipients, and the text uses it (write {{name|or:…}}, or mend the list)\n",
	'a text that came after the list is held to it');
as('liu', 'edit', 'gap', @or);
is((as('liu', 'submit', 'gap'))[0], 0, 'and one that fits may go on');
($status, $out, $err) = as('liu', 'edit', 'gap', '--text-zh', $zh, '--text-en', $en);
like($err, qr/unknown name "price"/, 'a text is checked against the list that is there');

# ---- segments

my $segment = file('seg.sql', "-- with little left\nSELECT s.msisdn, s.lang, s.plan_zh AS name, s.price FROM subscriber s\nWHERE s.balance < 1000 AND NOT s.blocked;\n");
($status, $out, $err) = as('liu', 'edit', 'spring', '--segment', $segment);
is($status, 0, 'a query chooses the recipients') or diag($err);
my $n = $hall->sql('SELECT count(*) FROM bss.subscriber s JOIN bss.account a USING (msisdn) WHERE a.balance < 100000');
like($out, qr/seg\.sql \(a query\): $n rows, $n taken; the list has $n$/m, 'all that it gives');
for my $case (['DELETE FROM segment.list', qr/must be one SELECT/], ['WITH x AS (DELETE FROM segment.list RETURNING msisdn) SELECT * FROM x', qr/permission denied/],
		['SELECT msisdn FROM subscriber; SELECT 1', qr/not several statements/], ['SELECT msisdn, pg_sleep(1) AS s FROM subscriber', qr/permission denied for function pg_sleep/],
		['SELECT msisdn FROM bss.account', qr/permission denied for schema bss/], ['SELECT msisdn FROM hall.mo', qr/permission denied for schema hall/],
		[q{SELECT set_config('role', 'none', true) AS msisdn}, qr/permission denied for function set_config/], ['SELECT msisdn INTO x FROM subscriber', qr/one SELECT/],
		[q{SELECT pg_read_file('/etc/passwd') AS msisdn}, qr/permission denied/], ['SELECT msisdn FROM subscriber WHERE msisdn = :x', qr/:x is a parameter/],
		['SELECT brand FROM subscriber', qr/no column msisdn/], ['SELECT msisdn, 1 FROM subscriber', qr/column 2 has no name/],
		["SELECT msisdn\nFROM subscribers", qr/q\.sql:2: relation "subscribers" does not exist \(a segment reads the views/], ['', qr/holds no query/],
		['SELECT msisdn, hall_api.balance(msisdn, now()) AS b FROM subscriber', qr/permission denied for schema hall_api/]) {
	my ($sql, $re) = @$case;
	($status, $out, $err) = as('liu', 'edit', 'spring', '--segment', file('q.sql', $sql));
	is($status, 1, 'refused: ' . ($sql =~ s/\n/ /r || '(nothing)'));
	like($err, $re, 'because');
}
($status, $out, $err) = as('liu', 'edit', 'spring', '--segment', file('rows.sql',
	"SELECT v.msisdn, v.lang, 'x' AS name, 1 AS price FROM (VALUES ('13800138000', 'zh'), ('10086', NULL), ('13800138000', 'en'), (NULL, 'en')) AS v (msisdn, lang)"));
like($err, qr/rows\.sql: row 2: bad number: .*\n.*rows\.sql: row 3: duplicate: .*\n.*rows\.sql: row 4: bad number: no number/, 'what a query gives is checked by row');
is($status, 1, 'and refused as a file is');
is(show('spring')->{recipients}, $n, 'the list stayed as it was');

# ---- two people

($status, $out, $err) = as('liu', 'edit', 'spring', @texts);
is($status, 0, 'texts that fit the columns of the segment') or diag($err);
($status, $out) = as('liu', 'submit', 'spring');
like($out, qr/^spring is submitted: $n recipients; somebody else approves it: smsctl blast approve spring --hash [0-9a-f]{12}$/m, 'submitted');
($status, $out, $err) = as('liu', 'approve', 'spring');
is($status, 1, 'its author cannot approve it: he is none who may');
like($err, qr/needs the role hall_approver/, 'and is told');
as('zhao', 'edit', 'spring', '--note', 'mine too');
as('zhao', 'submit', 'spring');
($status, $out, $err) = as('zhao', 'approve', 'spring');
is($status, 1, 'nor can who had a part in it, though he may approve');
like($err, qr/zhao had a part in it: somebody else must approve it/, 'and is told');
($status, $out, $err) = as('chen', 'approve', 'spring', '--hash', '00000000');
like($err, qr/it was changed: look at it again/, 'another hash than what was looked at is not approved');
($status, $out, $err) = as('liu', 'start', 'spring');
like($err, qr/it is submitted, and this needs it approved/, 'nothing starts before that');
($status, $out, $err) = as('chen', 'approve', 'spring', '--hash', substr show('spring')->{content_hash}, 0, 12);
is($status, 0, 'somebody else approves it, by the beginning of its hash') or diag($err);
($status, $out, $err) = as('liu', 'edit', 'spring', '--text-zh', file('z2.txt', '您好{{name}}'), '--text-en', $en);
like($out, qr/its approval is void, it must be submitted and approved again/, 'a change costs the approval');
($status, $out, $err) = as('liu', 'start', 'spring');
like($err, qr/it is draft, and this needs it approved/, 'so that it cannot start');
as('liu', 'submit', 'spring');
($status, $out, $err) = as('chen', 'reject', 'spring');
like($err, qr/say why: --why TEXT/, 'a rejection says why');
($status, $out) = as('chen', 'reject', 'spring', '--why', 'too loud');
is("$status $out", "0 spring is a draft again\n", 'rejected');
as('liu', 'submit', 'spring');
as('chen', 'approve', 'spring');
($status, $out) = as('liu', 'schedule', 'spring', '--at', '+2h');
like($out, qr/^spring is to begin at \d{4}-\d\d-\d\d \d\d:\d\d$/, 'to begin later');
($status, $out, $err) = as('liu', 'schedule', 'spring', '--at', 'soon');
like($err, qr/--at "soon" is no time/, 'at a time that there is');
($status, $out) = as('liu', 'cancel', 'spring', '--why', 'enough');
is("$status $out", "0 spring is cancelled for ever; what the gateway has already still goes\n", 'cancelled');
($status, $out) = as('sun', 'log', 'spring', '--json');
my @log = map { "$_->{who} $_->{action}" } @{json($out)};
is_deeply([@log[-6 .. -1]], ['liu submit', 'chen reject', 'liu submit', 'chen approve', 'liu schedule', 'liu cancel'],
	'all of it is in the log, which a viewer sees');
($status, $out, $err) = as('sun', 'cancel', 'bad');
is($status, 1, 'who changes nothing');
($status, $out, $err) = as('nobody_special', 'list');
is("$status $err", "1 smsctl blast: that is not for you (who administers the database grants hall_author and hall_approver)\n",
	'who has no role is told how to get one');
($status, $out, $err) = as('liu', 'list', '--as', 'chen');
is($status, 1, 'nobody acts in the name of another');
($status, $out, $err) = as('postgres', 'approve', 'bad', '--as', 'chen');
like($err, qr/it is draft/, 'but for a superuser');
is((as('liu', 'approve'))[0], 2, 'a word too few is a wrong command line');
is((as('liu', 'nonsense', 'x'))[0], 2, 'as is an unknown one');
($status, $out) = as('sun', 'list', '--json');
is_deeply([sort map { "$_->{name} $_->{state}" } @{json($out)}], ['bad draft', 'gap submitted', 'spring cancelled'], 'the listing');

done_testing;
