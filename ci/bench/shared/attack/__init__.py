"""What a scan was attacked with: sections of the page docs/results/scan_attack.md, one file each."""
