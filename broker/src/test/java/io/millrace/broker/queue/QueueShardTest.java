package io.millrace.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.IndexMemory;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.QueueSettings.Extras;
import io.millrace.broker.queue.model.QueueSettings.Locks;
import io.millrace.broker.queue.model.QueueSettings.Retry;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.queue.partition.SharePartition;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class QueueShardTest {
    private static final QueueKey KEY = new QueueKey("g", new UUID(1, 2), 0);
    private static final int LOCK_MS = 30_000;
    private static final long FETCH = 5;
    private static final Extras ORDERED = new Extras(true, true, 3, -1, 0);

    private QueueSettings settings = settings(Extras.NONE, Retry.NONE, false);
    private final Memory memory = new Memory();
    private boolean topicThere = true;
    private final QueueShard<String> shard =
            new QueueShard<>(key -> settings, id -> topicThere, () -> 0.5, memory);
    private final List<QueueEffect> effects = new ArrayList<>();
    private long nowMs = 1_000;

    private static final class Memory implements IndexMemory {
        private long mostBytes = Long.MAX_VALUE;
        private long usedBytes;

        @Override
        public void add(long bytes) {
            usedBytes += bytes;
        }

        @Override
        public boolean mayGrow(long ownBytes) {
            return usedBytes < mostBytes;
        }
    }

    private static QueueSettings settings(Extras extras, Retry retry, boolean deadLetters) {
        return new QueueSettings(
                new Locks(2000, LOCK_MS, 3, true), retry, extras, deadLetters, false);
    }

    @BeforeEach
    void begin() {
        ask(new QueueRequest.Initialize(KEY, 0));
    }

    private QueueReply ask(QueueRequest request) {
        return only(shard.handle("r", request, nowMs));
    }

    private QueueReply only(Step<String, QueueReply, QueueEffect> step) {
        effects.addAll(step.effects());
        return step.replies().getFirst().reply();
    }

    private void tick() {
        effects.addAll(shard.tick(nowMs).effects());
    }

    private SharePartition partition() {
        return Objects.requireNonNull(shard.partition(KEY));
    }

    private static Scan.Unit unit(long first, long last, Traits traits) {
        return new Scan.Unit(new OffsetRange(first, last), traits);
    }

    private static Scan batches(long... bounds) {
        var units = new ArrayList<Scan.Unit>();
        for (int i = 0; i + 1 < bounds.length; i++) {
            units.add(unit(bounds[i], bounds[i + 1] - 1, Traits.PLAIN));
        }
        return new Scan(bounds[0], bounds[bounds.length - 1], units, false);
    }

    private static Scan records(long from, Traits... each) {
        var units = new ArrayList<Scan.Unit>();
        for (int i = 0; i < each.length; i++) {
            units.add(unit(from + i, from + i, each[i]));
        }
        return new Scan(from, from + each.length, units, true);
    }

    private List<Acquired> acquire(String member, int most, boolean strict, Scan scan) {
        Plan plan = Objects.requireNonNull(shard.plan(KEY, most, nowMs));
        var found = new Acquisition.Found(plan.candidates(), List.of(), scan);
        var wish = new Acquisition(member, most, strict, 0, FETCH, found);
        return ((QueueReply.Held) ask(new QueueRequest.Acquire(KEY, wish))).acquired();
    }

    private List<Acquired> acquire(String member, Scan scan) {
        return acquire(member, 500, false, scan);
    }

    private QueueError ack(String member, long first, long last, int... types) {
        var each = new ArrayList<Byte>();
        for (int type : types) {
            each.add((byte) type);
        }
        return ask(new QueueRequest.Acknowledge(
                        KEY, member, List.of(new AckBatch(first, last, each))))
                .error();
    }

    private static Acquired run(long first, long last, int deliveries) {
        return new Acquired(new OffsetRange(first, last), deliveries);
    }

    @Test
    void wholeBatchesAreAcquiredUnlessTheLimitIsStrict() {
        assertThat(acquire("a", 3, false, batches(0, 5, 10))).containsExactly(run(0, 4, 1));
        assertThat(acquire("a", 3, true, batches(5, 10))).containsExactly(run(5, 7, 1));
        assertThat(partition().endOffset()).isEqualTo(8);
    }

    @Test
    void whatNobodyCanHaveGotIsNotCounted() {
        acquire("a", batches(0, 5));
        acquire("b", batches(5, 10));
        for (int i = 0; i < 10; i++) {
            ask(new QueueRequest.ReleaseAll(KEY, "a", FETCH));
            assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 4, 1));
        }

        ask(new QueueRequest.ReleaseAll(KEY, "a", FETCH + 1));
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 4, 2));
        ask(new QueueRequest.TakeBack(KEY, "a", FETCH));
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 4, 2));
        assertThat(ack("b", 5, 9, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
    }

    @Test
    void aFetchTakesBackNothingThatAnotherOfItsMemberTook() {
        acquire("a", batches(0, 5));

        ask(new QueueRequest.TakeBack(KEY, "a", FETCH + 1));
        ask(new QueueRequest.TakeBack(KEY, "a", 0));

        assertThat(acquire("b", Scan.NONE)).isEmpty();
        assertThat(ack("a", 0, 4, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
    }

    @Test
    void theStartMovesPastWhatIsAcceptedOnceNothingBeforeItIsOpen() {
        acquire("a", batches(0, 10));

        assertThat(ack("a", 5, 9, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
        assertThat(partition().startOffset()).isZero();
        assertThat(ack("a", 0, 4, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
        assertThat(partition().startOffset()).isEqualTo(10);
    }

    @Test
    void whatIsReleasedIsDeliveredAgainAndCounted() {
        acquire("a", batches(0, 2));
        ack("a", 0, 1, AckBatch.RELEASE, AckBatch.ACCEPT);

        assertThat(acquire("b", Scan.NONE)).containsExactly(run(0, 0, 2));
    }

    @Test
    void aQueueWhoseDeadLettersCannotBeWrittenGoesOnAndKeepsThem() {
        settings = settings(Extras.NONE, Retry.NONE, true);
        int dead = 60_000;
        for (int first = 0; first < dead; first += 500) {
            assertThat(acquire("a", batches(first, first + 500)))
                    .containsExactly(run(first, first + 499, 1));
            ack("a", first, first + 499, AckBatch.REJECT);
        }

        assertThat(acquire("b", batches(dead, dead + 5))).containsExactly(run(dead, dead + 4, 1));
        assertThat(partition().held()).hasSize(dead + 5);
        assertThat(partition().startOffset()).isZero();
    }

    @Test
    void deadLettersThatCannotBeWrittenAreBounded() {
        settings = settings(Extras.NONE, Retry.NONE, true);
        int first = 0;
        while (Objects.requireNonNull(shard.plan(KEY, 500, nowMs)).scanFrom() >= 0) {
            acquire("a", batches(first, first + 500));
            ack("a", first, first + 499, AckBatch.REJECT);
            first += 500;
        }

        assertThat(first).isEqualTo(100_000);
    }

    @Test
    void aLockThatEndsReleases() {
        acquire("a", batches(0, 1));
        nowMs += LOCK_MS;
        tick();

        assertThat(ack("a", 0, 0, AckBatch.ACCEPT)).isEqualTo(QueueError.INVALID_RECORD_STATE);
        assertThat(acquire("b", Scan.NONE)).containsExactly(run(0, 0, 2));
    }

    @Test
    void aRenewedLockHoldsAsLongAgain() {
        acquire("a", batches(0, 1));
        nowMs += LOCK_MS - 1;
        assertThat(ack("a", 0, 0, AckBatch.RENEW)).isEqualTo(QueueError.NONE);
        nowMs += LOCK_MS - 1;
        tick();

        assertThat(ack("a", 0, 0, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
    }

    @Test
    void aRecordOnItsLastDeliveryComesAlone() {
        acquire("a", batches(0, 2));
        ack("a", 0, 1, AckBatch.RELEASE);
        acquire("a", Scan.NONE);
        ack("a", 0, 1, AckBatch.RELEASE);

        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 0, 3));
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(1, 1, 3));
        ack("a", 0, 1, AckBatch.RELEASE);
        assertThat(partition().startOffset()).isEqualTo(2);
    }

    @Test
    void rejectedRecordsWaitUntilTheyAreBuried() {
        settings = settings(Extras.NONE, Retry.NONE, true);
        acquire("a", batches(0, 1));
        ack("a", 0, 0, AckBatch.REJECT);
        effects.clear();
        tick();

        var bury = (QueueEffect.Bury) effects.getFirst();
        assertThat(bury.offsets()).containsExactly(0L);
        assertThat(partition().startOffset()).isZero();
        ask(new QueueRequest.Buried(KEY, bury.offsets()));
        assertThat(partition().startOffset()).isEqualTo(1);
    }

    @Test
    void acknowledgementsAreTakenWholeOrNotAtAll() {
        acquire("a", batches(0, 3));
        acquire("b", batches(3, 6));

        assertThat(ack("a", 0, 5, AckBatch.ACCEPT)).isEqualTo(QueueError.INVALID_RECORD_STATE);
        assertThat(ack("a", 0, 2, AckBatch.ACCEPT)).isEqualTo(QueueError.NONE);
    }

    @Test
    void rangesThatLieAreRefusedAtOnce() {
        acquire("a", batches(0, 3));

        assertThat(ack("a", 0, Long.MAX_VALUE, AckBatch.ACCEPT))
                .isEqualTo(QueueError.INVALID_REQUEST);
        assertThat(ack("a", 2, 1, AckBatch.ACCEPT)).isEqualTo(QueueError.INVALID_REQUEST);
        assertThat(ack("a", 0, 2, 1, 1)).isEqualTo(QueueError.INVALID_REQUEST);
        assertThat(ack("a", 0, 2)).isEqualTo(QueueError.INVALID_REQUEST);
        assertThat(ack("a", 0, 0, 5)).isEqualTo(QueueError.INVALID_REQUEST);
        assertThat(ack("a", -1, 0, 1)).isEqualTo(QueueError.INVALID_REQUEST);
    }

    @Test
    void retriesRestExponentiallyUpToACap() {
        settings = settings(Extras.NONE, new Retry(100, 150, 2, 0), false);
        acquire("a", batches(0, 1));
        ack("a", 0, 0, AckBatch.RELEASE);

        assertThat(acquire("a", Scan.NONE)).isEmpty();
        nowMs += 100;
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 0, 2));
        ack("a", 0, 0, AckBatch.RELEASE);
        nowMs += 149;
        assertThat(acquire("a", Scan.NONE)).isEmpty();
        nowMs += 1;
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 0, 3));
    }

    @Test
    void aDelayedRecordLetsOthersPassAndComesWhenItIsDue() {
        settings = settings(ORDERED, Retry.NONE, false);
        var delayed = new Traits(0, nowMs + 500, Traits.NEVER, 0);

        assertThat(acquire("a", records(0, delayed, Traits.PLAIN))).containsExactly(run(1, 1, 1));
        ack("a", 1, 1, AckBatch.ACCEPT);
        assertThat(partition().startOffset()).isZero();
        nowMs += 500;
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 0, 1));
    }

    @Test
    void recordsOfAKeyComeOneAtATimeAndInOrder() {
        settings = settings(ORDERED, Retry.NONE, false);
        var key = new Traits(7, 0, Traits.NEVER, 0);

        assertThat(acquire("a", records(0, key, key, Traits.PLAIN)))
                .containsExactly(run(0, 0, 1), run(2, 2, 1));
        assertThat(acquire("b", Scan.NONE)).isEmpty();
        ack("a", 0, 0, AckBatch.RELEASE);
        assertThat(acquire("b", Scan.NONE)).containsExactly(run(0, 0, 2));
        ack("b", 0, 0, AckBatch.ACCEPT);
        assertThat(acquire("b", Scan.NONE)).containsExactly(run(1, 1, 1));
    }

    @Test
    void higherClassesComeFirst() {
        settings = settings(ORDERED, Retry.NONE, false);
        var high = new Traits(0, 0, Traits.NEVER, 2);

        assertThat(acquire("a", 2, true, records(0, Traits.PLAIN, Traits.PLAIN, high)))
                .containsExactly(run(0, 0, 1), run(2, 2, 1));
    }

    @Test
    void anExpiredRecordIsNotDelivered() {
        settings = settings(ORDERED, Retry.NONE, false);
        var dying = new Traits(0, nowMs + 10, nowMs + 20, 0);
        acquire("a", records(0, dying, dying));
        nowMs += 20;

        assertThat(acquire("a", Scan.NONE)).isEmpty();
        tick();
        assertThat(partition().startOffset()).isEqualTo(2);
    }

    @Test
    void nothingIsHandedOutWhilePaused() {
        settings = new QueueSettings(settings.locks(), Retry.NONE, Extras.NONE, false, true);

        assertThat(Objects.requireNonNull(shard.plan(KEY, 500, nowMs)).isEmpty()).isTrue();
        assertThat(acquire("a", batches(0, 3))).isEmpty();
    }

    private void fillLocks() {
        for (int first = 0; first < settings.locks().most(); first += 500) {
            acquire("a", batches(first, first + 500));
        }
        assertThat(Objects.requireNonNull(shard.plan(KEY, 1, nowMs)).isEmpty()).isTrue();
        effects.clear();
    }

    @Test
    void whoFoundAllLocksTakenIsWokenWhenOneIsFree() {
        fillLocks();

        ack("a", 0, 0, AckBatch.ACCEPT);
        assertThat(effects).containsExactly(new QueueEffect.Wake(KEY));
        effects.clear();
        ack("a", 1, 1, AckBatch.ACCEPT);
        assertThat(effects).isEmpty();
    }

    @Test
    void whoFoundAllLocksTakenIsWokenWhenTheyEndForTheLastTime() {
        settings =
                new QueueSettings(
                        new Locks(2000, LOCK_MS, 1, true), Retry.NONE, Extras.NONE, true, false);
        fillLocks();

        nowMs += LOCK_MS;
        tick();
        assertThat(effects).contains(new QueueEffect.Wake(KEY));
    }

    @Test
    void whoFoundOnlyWhatHasExpiredIsWokenForWhatIsBehindIt() {
        settings = settings(ORDERED, Retry.NONE, true);
        var dying = new Traits(0, nowMs + 10, nowMs + 20, 0);
        var later = new Traits(0, nowMs + 15, Traits.NEVER, 0);
        acquire("a", records(0, dying, later));
        nowMs += 20;
        assertThat(Objects.requireNonNull(shard.plan(KEY, 1, nowMs)).candidates()).isEmpty();
        effects.clear();

        tick();
        assertThat(effects).contains(new QueueEffect.Wake(KEY));
        assertThat(Objects.requireNonNull(shard.plan(KEY, 1, nowMs)).candidates())
                .containsExactly(new OffsetRange(1, 1));
    }

    private Traits[] delayed(int count) {
        var delayed = new Traits[count];
        Arrays.fill(delayed, new Traits(0, nowMs + 1_000_000, Traits.NEVER, 0));
        return delayed;
    }

    private boolean readsOn() {
        return Objects.requireNonNull(shard.plan(KEY, 500, nowMs)).scanFrom() >= 0;
    }

    @Test
    void theLogIsNotReadOnWhileTheMemoryOfAllQueuesIsFull() {
        settings = settings(ORDERED, Retry.NONE, false);
        memory.mostBytes = 1_000_000;
        int chunk = 1000;
        int read = 0;
        while (readsOn()) {
            acquire("a", records(read, delayed(chunk)));
            read += chunk;
        }

        assertThat(read).isBetween(20_000, 40_000);
        assertThat(memory.usedBytes).isLessThan(1_500_000);
        nowMs += 1_000_000;
        for (int offset = 0; offset < read; offset += 500) {
            assertThat(acquire("a", Scan.NONE)).containsExactly(run(offset, offset + 499, 1));
            ack("a", offset, offset + 499, AckBatch.ACCEPT);
        }
        assertThat(readsOn()).isTrue();
        assertThat(memory.usedBytes).isLessThan(1000);
    }

    @Test
    void aQueueWhoseTopicWasDeletedWhileNobodyLookedIsForgotten() {
        acquire("a", batches(0, 5));
        topicThere = false;
        tick();
        nowMs += QueueShard.GONE_AFTER_MS - 1;
        tick();
        topicThere = true;
        tick();
        topicThere = false;
        nowMs += QueueShard.GONE_AFTER_MS;
        tick();
        assertThat(shard.partition(KEY)).isNotNull();

        nowMs += QueueShard.GONE_AFTER_MS;
        List<StoredRecord> stored = shard.tick(nowMs).records();

        assertThat(shard.partition(KEY)).isNull();
        assertThat(stored).isNotEmpty().allMatch(record -> record.value() == null);
    }

    @Test
    void aDeletedQueueAndADroppedShardGiveTheirMemoryBack() {
        settings = settings(ORDERED, Retry.NONE, false);
        acquire("a", records(0, delayed(1000)));
        assertThat(memory.usedBytes).isGreaterThan(28_000);
        ask(new QueueRequest.Delete(KEY));
        assertThat(memory.usedBytes).isZero();

        ask(new QueueRequest.Initialize(KEY, 0));
        acquire("a", records(0, delayed(1000)));
        assertThat(memory.usedBytes).isGreaterThan(28_000);
        shard.drop();
        assertThat(memory.usedBytes).isZero();
    }

    @Test
    void recordsOfABusyKeyTakeNoMoreMemoryWhenTheyAreDue() {
        settings = settings(ORDERED, Retry.NONE, false);
        int many = 100_000;
        var ofKey = new Traits[many];
        Arrays.fill(ofKey, new Traits(7, nowMs + 1000, Traits.NEVER, 0));
        acquire("a", records(0, ofKey));
        nowMs += 1000;
        for (int offset = 0; offset < 1000; offset++) {
            assertThat(acquire("a", Scan.NONE)).containsExactly(run(offset, offset, 1));
            ack("a", offset, offset, AckBatch.ACCEPT);
        }

        assertThat(partition().unfinished()).isEqualTo(many - 1000);
        assertThat(memory.usedBytes).isLessThan(many * 28L * 5 / 4);
    }

    @Test
    void aMillionDelayedRecordsAreAnIndexAndNoMore() {
        settings = settings(ORDERED, Retry.NONE, false);
        int chunk = 10_000;
        for (int i = 0; i < 100; i++) {
            var delayed = new Traits[chunk];
            Arrays.fill(delayed, new Traits(0, nowMs + 1_000_000 + i, Traits.NEVER, 0));
            acquire("a", records((long) i * chunk, delayed));
        }

        assertThat(partition().unfinished()).isEqualTo(1_000_000);
        assertThat(partition().held()).isEmpty();
        nowMs += 1_000_000;
        assertThat(acquire("a", Scan.NONE)).containsExactly(run(0, 499, 1));
    }
}
