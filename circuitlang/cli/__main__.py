from circuitlang.cli import main

main()
