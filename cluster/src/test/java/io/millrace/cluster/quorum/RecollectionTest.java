package io.millrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.quorum.Recollection.Outcome;
import io.millrace.cluster.quorum.Recollection.Own;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecollectionTest {
    private static final Standing UNTOUCHED = new Standing(false, 0, false, 0);
    private static final Own NOTHING = new Own(0, false, 0);

    private final Recollection ofThree = new Recollection(Set.of(1, 3));

    private static Standing leader(int epoch, long logEnd) {
        return new Standing(true, epoch, true, logEnd);
    }

    private static Standing follower(int epoch, long logEnd) {
        return new Standing(true, epoch, false, logEnd);
    }

    @Test
    void whereNobodyEverVotedItVotesAtOnce() {
        var answers = Map.of(1, UNTOUCHED, 3, new Standing(true, 0, false, 0));

        assertThat(ofThree.after(answers, NOTHING)).isEqualTo(Outcome.NEW_CLUSTER);
    }

    @Test
    void thatNobodyEverVotedHasToBeSaidByAll() {
        assertThat(ofThree.after(Map.of(1, UNTOUCHED), NOTHING)).isEqualTo(Outcome.OTHERS_MISSING);
    }

    @Test
    void itVotesOnceItHasTheLogOfTheLeaderAsItEnded() {
        var answers = Map.of(1, leader(5, 100), 3, follower(5, 90));

        assertThat(ofThree.after(answers, new Own(5, true, 99))).isEqualTo(Outcome.BEHIND);
        assertThat(ofThree.after(answers, new Own(5, true, 100))).isEqualTo(Outcome.CAUGHT_UP);
    }

    @Test
    void aLogThatGrowsAllTheTimeIsReached() {
        ofThree.after(Map.of(1, leader(5, 100), 3, follower(5, 90)), NOTHING);

        assertThat(
                        ofThree.after(
                                Map.of(1, leader(5, 200), 3, follower(5, 190)),
                                new Own(5, true, 150)))
                .isEqualTo(Outcome.CAUGHT_UP);
    }

    @Test
    void whatTheLeaderOfAnEarlierEpochHasIsNotEnough() {
        var answers = Map.of(1, leader(5, 100), 3, follower(6, 90));

        assertThat(ofThree.after(answers, new Own(5, true, 500))).isEqualTo(Outcome.BEHIND);
        assertThat(ofThree.after(answers, new Own(6, true, 500))).isEqualTo(Outcome.BEHIND);
    }

    @Test
    void oneOfTwoOthersIsNotEnough() {
        assertThat(ofThree.after(Map.of(1, leader(5, 100)), new Own(5, true, 100)))
                .isEqualTo(Outcome.OTHERS_MISSING);
    }

    @Test
    void inTheEpochThatItMayHaveVotedInItHasToKnowTheLeader() {
        var answers = Map.of(1, leader(5, 100), 3, follower(5, 100));

        assertThat(ofThree.after(answers, new Own(5, false, 100))).isEqualTo(Outcome.BEHIND);
        assertThat(ofThree.after(answers, new Own(6, false, 100))).isEqualTo(Outcome.CAUGHT_UP);
    }

    @Test
    void twoOfThreeThatForgotDoNotVote() {
        var answers = Map.of(1, new Standing(false, 5, false, 100), 3, follower(5, 100));

        assertThat(ofThree.after(answers, new Own(5, true, 100)))
                .isEqualTo(Outcome.TOO_MUCH_FORGOTTEN);
    }

    @Test
    void twoOfFiveThatForgotComeBack() {
        var ofFive = new Recollection(Set.of(1, 3, 4, 5));
        var answers =
                Map.of(
                        1, leader(5, 100),
                        3, follower(5, 90),
                        4, follower(5, 100),
                        5, new Standing(false, 4, false, 7));

        assertThat(ofFive.after(answers, new Own(5, true, 100))).isEqualTo(Outcome.CAUGHT_UP);
    }
}
