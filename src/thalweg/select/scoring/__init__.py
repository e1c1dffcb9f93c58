"""Predictions judged: metrics, spread, differences, leaderboard, verdict."""
