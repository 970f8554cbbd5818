# Hashes, lists, regular expressions, sorting, closures, child processes; prints a checksum of all of it.
use strict;
use warnings;
use Digest::MD5 'md5_hex';
my (%words, @all, $sum);
for my $i (1 .. 200000) {
  my $word = join '', map { chr(97 + ($i * $_ * 7919) % 26) } 1 .. 1 + $i % 12;
  $words{$word}{count}++;
  push @{$words{$word}{at}}, $i if $i % 3;
  push @all, $word if $i % 10 == 0;
  delete $words{$all[$i % @all]} if @all && $i % 50 == 0;
}
for my $word (sort { $words{$b}{count} <=> $words{$a}{count} || $a cmp $b } keys %words) {
  (my $turned = reverse $word) =~ s/([aeiou])(.)/$2$1/g;
  $sum .= "$turned $words{$word}{count} " . scalar @{$words{$word}{at} // []} . "\n";
}
for my $i (1 .. 20) {
  my $pid = open(my $pipe, '-|') // die;
  if (!$pid) { print md5_hex($sum . $i); exit }
  $sum .= <$pipe>;
  close $pipe or die;
}
print md5_hex($sum), "\n";
