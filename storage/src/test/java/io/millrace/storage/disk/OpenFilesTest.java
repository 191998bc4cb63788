package io.millrace.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OpenFilesTest {
    private static final int SEEDS = 200;

    private final List<String> closed = new ArrayList<>();
    private final Map<String, OpenFiles.Holder> holders = new HashMap<>();

    private OpenFiles.Holder holder(String name) {
        return holders.computeIfAbsent(name, key -> () -> closed.add(key));
    }

    @Test
    void theFileUsedLeastRecentlyIsClosedForAnother() {
        var files = new OpenFiles(2);
        files.used(holder("a"));
        files.used(holder("b"));
        files.used(holder("a"));

        files.used(holder("c"));

        assertThat(closed).containsExactly("b");
        assertThat(files.count()).isEqualTo(2);
    }

    @Test
    void aFileThatWaitsForItsSyncStaysOpenAndIsTheNextToGoAfterIt() {
        var files = new OpenFiles(2);
        files.used(holder("a"));
        files.keep(holder("a"));
        files.used(holder("b"));
        files.keep(holder("b"));

        files.used(holder("c"));
        assertThat(closed).isEmpty();
        assertThat(files.count()).isEqualTo(3);
        files.letGo(holder("a"));

        assertThat(closed).containsExactly("c");
    }

    @Test
    void anyOrderOfCallsKeepsToTheLimitButForFilesThatWait() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            var random = new Random(seed);
            int limit = 1 + random.nextInt(5);
            var files = new OpenFiles(limit);
            Set<Integer> open = new HashSet<>();
            Set<Integer> waiting = new HashSet<>();
            var all = new ArrayList<OpenFiles.Holder>();
            for (int i = 0; i < 10; i++) {
                int number = i;
                all.add(() -> assertThat(open.remove(number)).isTrue());
            }
            for (int step = 0; step < 300; step++) {
                int number = random.nextInt(all.size());
                switch (random.nextInt(4)) {
                    case 0 -> {
                        if (open.contains(number)) {
                            files.keep(all.get(number));
                            waiting.add(number);
                        }
                    }
                    case 1 -> {
                        waiting.remove(number);
                        files.letGo(all.get(number));
                    }
                    case 2 -> {
                        open.remove(number);
                        waiting.remove(number);
                        files.closed(all.get(number));
                    }
                    default -> {
                        open.add(number);
                        files.used(all.get(number));
                        assertThat(open).as("seed %d", seed).contains(number);
                    }
                }
                assertThat(open).as("seed %d", seed).hasSize(files.count()).containsAll(waiting);
                assertThat(files.count())
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo(Math.max(limit, waiting.size() + 1));
            }
        }
    }
}
