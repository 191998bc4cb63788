package io.millrace.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ParkedRequestsTest {
    private static final int MOST_BYTES = 100;

    private final Queue<Runnable> later = new ArrayDeque<>();
    private final ParkedRequests parked = new ParkedRequests(later::add, MOST_BYTES);
    private final List<String> ended = new ArrayList<>();

    private ParkedRequests.Place park(String name, long bytes) {
        return parked.add(() -> ended.add(name), bytes);
    }

    private List<String> ended() {
        for (Runnable task = later.poll(); task != null; task = later.poll()) {
            task.run();
        }
        return ended;
    }

    @Test
    void whoHasWaitedLongestIsAnsweredOnceTooManyWait() {
        park("first", 40);
        park("second", 40);
        park("third", 40);

        assertThat(ended()).containsExactly("first");
        assertThat(parked.usedBytes()).isEqualTo(80);
    }

    @Test
    void nobodyIsAnsweredWithinTheCallThatLetsAnotherIn() {
        park("first", 60);
        park("second", 60);

        assertThat(ended).isEmpty();
        assertThat(ended()).containsExactly("first");
    }

    @Test
    void oneThatIsLargerThanAllMayTakeIsLetIn() {
        park("small", 10);
        park("large", 1000);

        assertThat(ended()).containsExactly("small");
    }

    @Test
    void whoWasAnsweredMeanwhileTakesNothing() {
        ParkedRequests.Place first = park("first", 60);
        ParkedRequests.Place second = park("second", 30);

        parked.remove(first);
        parked.remove(first);
        park("third", 70);

        assertThat(ended()).isEmpty();
        parked.remove(second);
        assertThat(parked.usedBytes()).isEqualTo(70);
    }

    @Test
    void whateverComesAndGoesTheLimitHoldsAndNoneIsForgotten() {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var inside = new ArrayList<ParkedRequests.Place>();
            int names = 0;
            ended.clear();
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(3) > 0) {
                    inside.add(park(String.valueOf(names++), 1 + random.nextInt(40)));
                } else if (!inside.isEmpty()) {
                    parked.remove(inside.remove(random.nextInt(inside.size())));
                }
                assertThat(parked.usedBytes()).as("seed %d", seed).isBetween(0L, 100L);
            }
            assertThat(ended()).as("seed %d", seed).isNotEmpty().doesNotHaveDuplicates();
            inside.forEach(parked::remove);
            assertThat(parked.usedBytes()).as("seed %d", seed).isZero();
        }
    }
}
